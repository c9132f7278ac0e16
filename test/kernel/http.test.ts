/** The HTTP client of the firmware against real servers, most of which misbehave, on both engines. RFC 9110, RFC 9112. */
import assert from "node:assert/strict";
import { createServer as httpServer, type RequestListener } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { crc32 } from "node:zlib";
import { removeProjects } from "../build/project.ts";
import { noEspruino } from "../sim/fixture.ts";
import { ask, image, MOST_BYTES, SENT_BYTES, type Heard } from "./http-bench.ts";

const BROKEN = -2;
const UNREACHABLE = -1;
const STOPPED = -3;
const FILE = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));

const servers: Server[] = [];

/** The port of a server. */
async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A server that has `answer` do what it likes with each connection once its request has come. */
function raw(answer: (socket: Socket, request: string) => void): Promise<number> {
  return listening(
    createServer((socket) => {
      let request = "";
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        const before = request.includes("\r\n\r\n");
        request += bytes.toString("latin1");
        if (!before && request.includes("\r\n\r\n")) answer(socket, request);
      });
    }),
  );
}

/** A server that writes `text` and closes. */
function saying(text: string | Buffer): Promise<number> {
  return raw((socket) => socket.end(text));
}

const web = (listener: RequestListener): Promise<number> => listening(httpServer(listener));

/** Are the pieces those bytes of the file, from `at` on and without a gap? */
function assertPieces({ pieces, lines }: Heard, bytes: Uint8Array, at = 0): void {
  let next = at;
  for (const [from, length, crc] of pieces) {
    assert.equal(from, next, lines.join("\n"));
    assert.equal(crc, crc32(bytes.subarray(from - at, from - at + length)));
    next += length;
  }
  assert.equal(next - at, bytes.length);
}

const chunked = (parts: readonly Uint8Array[], extension = ""): Buffer =>
  Buffer.concat(parts.flatMap((part) => [Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, Buffer.from("\r\n")]));

after(removeProjects);

for (const kind of ["node", "espruino"] as const) {
  const skipped = kind === "espruino" ? noEspruino() : null;
  describe(`HTTP client [${kind}${skipped ? `: ${skipped}` : ""}]`, function () {
    this.timeout(20_000);
    before(async function () {
      this.timeout(60_000);
      if (skipped) this.skip();
      await image();
    });
    afterEach(() => {
      for (const server of servers.splice(0)) {
        server.close();
        if ("closeAllConnections" in server) (server as { closeAllConnections(): void }).closeAllConnections();
      }
    });
    const get = (port: number, path = "/file", head = "GET"): Promise<Heard> =>
      ask(kind, head, `http://127.0.0.1:${port}${path}`);

    it("takes a file with its length, one request at a time", async () => {
      let asked = "";
      const port = await raw((socket, request) => {
        asked = request;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${FILE.length}\r\n\r\n`);
        socket.write(FILE);
      });
      const heard = await ask(kind, "GET|X-Test: a", `http://us%40er:pa%3Ass@localhost:${port}/a/b?c=d#e`);
      assert.equal(heard.result, 200);
      assertPieces(heard, FILE);
      assert.deepEqual(heard.lines.slice(0, 2), ["begun true", "again false"]);
      const lines = asked.split("\r\n");
      assert.equal(lines[0], "GET /a/b?c=d HTTP/1.1");
      for (const line of [
        `Host: localhost:${port}`,
        "Connection: close",
        `Authorization: Basic ${Buffer.from("us@er:pa:ss").toString("base64")}`,
        "X-Test: a",
      ])
        assert.ok(lines.includes(line), line);
    });

    it("takes one in chunks, cut anywhere, with extensions and a trailer", async () => {
      const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
      const body = chunked([FILE.subarray(0, 1), FILE.subarray(1, 700), FILE.subarray(700, 2000)], ";x=1");
      const all = Buffer.concat([Buffer.from(head), body, Buffer.from("0\r\nEtag: 1\r\n\r\n")]);
      const port = await raw((socket) => {
        let at = 0;
        const write = (): void => {
          const piece = all.subarray(at, (at += 97));
          if (piece.length > 0) socket.write(piece, () => setTimeout(write, 1));
        };
        write();
      });
      const heard = await get(port);
      assert.equal(heard.result, 200);
      assertPieces(heard, FILE.subarray(0, 2000));
    });

    it("takes one that ends with the connection, as HTTP/1.0 sends it", async () => {
      const heard = await get(await saying(Buffer.concat([Buffer.from("HTTP/1.0 200 OK\n\n"), FILE])));
      assert.equal(heard.result, 200);
      assertPieces(heard, FILE);
    });

    it("takes an empty one, and what Node serves", async () => {
      const port = await web((request, response) => response.end(request.url === "/empty" ? "" : FILE));
      assert.equal((await get(port, "/empty")).result, 200);
      const heard = await get(port);
      assert.equal(heard.result, 200);
      assertPieces(heard, FILE);
    });

    it("goes on where it stopped when the server can, and hears when it cannot", async () => {
      const port = await web((request, response) => {
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1]);
        if (request.url === "/whole") return void response.end(FILE);
        if (from >= FILE.length) return void response.writeHead(416).end();
        response.writeHead(206, { "Content-Range": `bytes ${from}-${FILE.length - 1}/${FILE.length}` });
        response.end(FILE.subarray(from));
      });
      const rest = await get(port, "/rest", "GET|Range: bytes=12345-");
      assert.equal(rest.result, 206);
      assertPieces(rest, FILE.subarray(12_345), 12_345);
      const whole = await get(port, "/whole", "GET|Range: bytes=12345-");
      assert.equal(whole.result, 200);
      assertPieces(whole, FILE);
      assert.equal((await get(port, "/rest", "GET|Range: bytes=20000-")).result, 416);
    });

    it("tells every other status without a body", async () => {
      for (const status of [204, 304, 401, 403, 404, 416, 500, 503]) {
        const heard = await get(await saying(`HTTP/1.1 ${status} No\r\nContent-Length: 4\r\n\r\noops`));
        assert.deepEqual([heard.result, heard.pieces], [status, []]);
      }
    });

    it("passes by what is only information", async () => {
      const heard = await get(
        await saying("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
      );
      assert.equal(heard.result, 200);
      assertPieces(heard, Buffer.from("ok"));
    });

    it("follows three redirections of every form, and no more", async () => {
      const paths: string[] = [];
      const host = (request: { headers: { host?: string } }): string => `${request.headers.host}`;
      const port = await web((request, response) => {
        const url = request.url ?? "";
        paths.push(url);
        const to: Record<string, string> = {
          "/a/file": "other?x=1",
          "/a/other?x=1": "/root",
          "/root": `//${host(request)}/end`,
          "/long": `http://${host(request)}/a/file`,
        };
        if (to[url]) response.writeHead(url === "/root" ? 307 : 302, { Location: to[url] }).end("moved");
        else response.end("here");
      });
      const heard = await get(port, "/a/file");
      assert.equal(heard.result, 200);
      assertPieces(heard, Buffer.from("here"));
      assert.deepEqual(paths, ["/a/file", "/a/other?x=1", "/root", "/end"]);
      assert.equal((await get(port, "/long")).result, BROKEN);
    });

    it("sends a body piece by piece", async () => {
      for (const method of ["PUT", "POST"]) {
        let got = Buffer.alloc(0);
        let asked = "";
        const port = await web((request, response) => {
          asked = `${request.method} ${request.headers["content-length"]}`;
          request.on("data", (bytes: Buffer) => (got = Buffer.concat([got, bytes])));
          request.on("end", () => response.writeHead(201).end("thanks"));
        });
        const heard = await get(port, "/log", `${method}|Content-Length: ${SENT_BYTES}`);
        assert.equal(heard.result, 201);
        assert.equal(asked, `${method} ${SENT_BYTES}`);
        assert.deepEqual(got, Buffer.from(Array.from({ length: SENT_BYTES }, (_, at) => at % 251)));
      }
    });

    it("sends the body again where a 307 says, and nowhere for a 302", async () => {
      let sum = 0;
      const port = await web((request, response) => {
        request.on("data", (bytes: Buffer) => (sum += request.url === "/there" ? bytes.length : 0));
        request.on("end", () =>
          response.writeHead(request.url === "/there" ? 200 : Number(request.url?.slice(1)), { Location: "/there" }).end(),
        );
      });
      assert.equal((await get(port, "/307", `PUT|Content-Length: ${SENT_BYTES}`)).result, 200);
      assert.equal(sum, SENT_BYTES);
      assert.equal((await get(port, "/302", `PUT|Content-Length: ${SENT_BYTES}`)).result, 302);
      assert.equal(sum, SENT_BYTES);
    });

    it("hears a refusal before its body has left", async () => {
      const port = await raw((socket) => socket.end("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"));
      assert.equal((await get(port, "/log", `PUT|Content-Length: ${SENT_BYTES}`)).result, 413);
    });

    it("gives up what cannot be reached", async () => {
      assert.equal((await get(1)).result, UNREACHABLE);
      for (const url of [
        "ftp://127.0.0.1/a",
        "http://",
        "http://:80/",
        "http://h:0/",
        "http://h:99999/",
        "http://h:1:2/",
        "file",
        "",
        "http://127.0.0.1/a b",
        "https://127.0.0.1/",
      ])
        assert.equal((await ask(kind, "GET", url)).result, UNREACHABLE, url);
    });

    const BROKEN_ANSWERS: Record<string, string> = {
      "is truncated": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
      "has a head that breaks off": "HTTP/1.1 200 OK\r\nContent-",
      "says nothing and closes": "",
      "is no HTTP": "SSH-2.0-OpenSSH\r\n\r\n",
      "has no status": "HTTP/1.1 abc\r\n\r\n",
      "has two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n12345678901",
      "has a length that is none": "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n12345",
      "has a length like no number": "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n12345",
      "is compressed": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n12345",
      "is encoded in two ways": "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "ends amid a chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n12345",
      "ends before the last chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n12\r\n",
      "has a chunk without length": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n12\r\n",
      "has a chunk longer than its length": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n1234\r\n0\r\n\r\n",
      "has a negative chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n12\r\n",
      "is a part of no known place": "HTTP/1.1 206 Partial\r\nContent-Length: 2\r\n\r\n12",
      "redirects to a place of another kind": "HTTP/1.1 302 Found\r\nLocation: ftp://x/\r\n\r\n",
    };
    for (const [title, answer] of Object.entries(BROKEN_ANSWERS)) {
      it(`gives up an answer that ${title}`, async () => {
        const { result, lines } = await get(await saying(answer));
        assert.equal(result, title.startsWith("redirects") ? UNREACHABLE : BROKEN, lines.join("\n"));
      });
    }

    it("stops at the length of a body that is longer", async () => {
      const heard = await get(await saying(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), FILE])));
      assert.equal(heard.result, 200);
      assertPieces(heard, FILE.subarray(0, 5));
    });

    it("gives up a head and a trailer without end, and stops a body without end", async () => {
      const flood = (begin: string, line: string): Promise<number> =>
        raw((socket) => {
          socket.write(begin);
          const write = (): void => {
            while (!socket.destroyed && socket.write(line.repeat(50)));
          };
          socket.on("drain", write);
          write();
        });
      assert.equal((await get(await flood("HTTP/1.1 200 OK\r\n", "X-Junk: 0123456789\r\n"))).result, BROKEN);
      assert.equal((await get(await flood("HTTP/1.1 200 OK\r\nX: ", "0123456789"))).result, BROKEN);
      assert.equal(
        (await get(await flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: 0123456789\r\n"))).result,
        BROKEN,
      );
      assert.equal(
        (await get(await flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1;0123456789"))).result,
        BROKEN,
      );
      const heard = await get(await flood("HTTP/1.1 200 OK\r\n\r\n", "0123456789"));
      assert.equal(heard.result, STOPPED);
      assert.ok(heard.pieces.reduce((sum, [, length]) => sum + length, 0) < MOST_BYTES + 5000);
    });

    it("waits for a slow server, and not for one that says nothing, or for ever", async () => {
      const slow = (begin: string, every: number): Promise<number> =>
        raw((socket) => {
          socket.write(begin);
          const timer = setInterval(() => socket.write("0"), every);
          socket.on("close", () => clearInterval(timer));
        });
      const waited = await get(await slow("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 60));
      assert.equal(waited.result, 200);
      assert.equal((await get(await raw(() => undefined))).result, BROKEN);
      assert.equal(
        (await get(await raw((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12")))).result,
        BROKEN,
      );
    });

    it("gives up when the connection is reset", async () => {
      const port = await raw((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n");
        socket.write(FILE, () => setTimeout(() => socket.resetAndDestroy(), 30));
      });
      assert.equal((await get(port)).result, BROKEN);
    });
  });
}
