/**
 * @overlay
 * HTTP/1.1 client (RFC 9110, RFC 9112) for one request at a time: GET with ranges, PUT and POST. Answers are read as they come, cut anywhere: of a head
 * nothing is kept but one line of bounded length, a body goes on piece by piece. Time and bytes are limited whatever a server does.
 */
import { openSocket } from "./engine/open-socket";
import { log } from "./engine/log";
import { http, HttpEnd, HttpStage } from "./http";
import { load, opNumber, type OpNumber } from "./overlay";
import { find } from "./text";

/** Seconds without a byte in either direction, and for all of a request, redirections included. */
const PATIENCE = 30;
const MOST_SECONDS = 900;
/** Bytes of a head (or of what follows the last chunk), and of a line of it that are kept. */
const MOST_HEAD = 8192;
const MOST_LINE = 600;
/** Redirections that are followed. */
const MOST_HOPS = 3;

/**
 * Begin a request; false while there is another one. `head` is the method and, each behind `\r\n`, header lines: `Range`, or the `Content-Length` of a body to
 * send. `body` and `end` are operations (http.ts).
 */
export function httpRequest(head: string, url: string, body: OpNumber, end: OpNumber): boolean {
  if (http.request) {
    return false;
  }
  http.request = {
    head: head,
    url: url,
    body: body,
    end: end,
    socket: undefined,
    quiet: PATIENCE,
    left: MOST_SECONDS,
    stage: HttpStage.Status,
    text: "",
    size: 0,
    code: 0,
    need: -1,
    at: 0,
    location: "",
    hops: 0,
  };
  return true;
}

/** Give the request up; its `end` is told. */
export function httpStop(): void {
  if (http.request && http.request.stage < HttpStage.Done) {
    finish(HttpEnd.Stopped, "stopped");
  }
}

/** One second of a request. */
export function httpSecond(): void {
  const r = http.request!;
  if (!--r.quiet || !--r.left) {
    finish(HttpEnd.Broken, "no answer in time");
  } else if (!r.socket && r.stage < HttpStage.Done) {
    open();
  }
}

/**
 * The request is over, by `result`. The rest is done from a timer, because data come from inside the engine's socket loop, where a close breaks a
 * TLS socket.
 */
function finish(result: number, why: string): void {
  const r = http.request!;
  r.stage = HttpStage.Done;
  if (why) {
    log("HTTP: " + why);
  }
  setTimeout(load, 0, opNumber(finished), result);
}

/** Close, and tell; or, with result 0, go to where the answer said. */
export function finished(result: number): void {
  const r = http.request;
  if (!r) {
    return;
  }
  if (r.socket) {
    r.socket.removeAllListeners();
    r.socket.dSnd = "";
    r.socket.clsNow = 1;
    r.socket = undefined;
  }
  if (result) {
    http.request = undefined;
    load(r.end, result);
  } else {
    r.stage = HttpStage.Status;
    r.size = r.code = 0;
    r.need = -1;
    r.text = r.location = "";
  }
}

/** Call the server of the URL, and ask. */
function open(): void {
  const r = http.request!;
  const url = r.url;
  const secure = isSecure(url);
  const from = find(url, "//") + 2;
  let end = from;
  let strange = false;
  for (let i = 0; i < url.length; i++) {
    strange = strange || url.charCodeAt(i) < 33 || url.charCodeAt(i) > 126;
    if (i === end && "/?#".indexOf(url[i]) < 0) {
      end++;
    }
  }
  const authority = url.substring(from, end);
  const user = authority.lastIndexOf("@");
  const server = authority.substr(user + 1);
  const words = server.split(":");
  const port = parseInt(words[1] || (secure ? "443" : "80"));
  const path = url.substr(end).split("#")[0];
  if (
    strange ||
    (!secure && url.substr(0, 7).toLowerCase() !== "http://") ||
    !words[0] ||
    words.length > 2 ||
    !(port > 0 && port < 65536)
  ) {
    finish(HttpEnd.Unreachable, "no URL for this station");
    return;
  }
  try {
    const socket = openSocket(words[0], port, secure, "");
    r.socket = socket;
    socket.on("data", function (chunk) {
      httpData(chunk);
    });
    socket.on("drain", function () {
      httpSent();
    });
    socket.on("close", function () {
      httpClosed();
    });
    socket.on("error", function () {
      httpClosed();
    });
    const method = r.head.split("\r")[0];
    r.at = method === "GET" ? -1 : 0;
    socket.write(
      method +
        (path[0] === "/" ? " " : " /") +
        path +
        " HTTP/1.1\r\nHost: " +
        server +
        "\r\nConnection: close\r\nAccept-Encoding: identity" +
        (user < 0 ? "" : "\r\nAuthorization: Basic " + btoa(unescaped(authority.substr(0, user)))) +
        r.head.substr(method.length) +
        "\r\n\r\n",
    );
  } catch (error) {
    const why = "" + error;
    if (find(why, "looking up") < 0) {
      finish(HttpEnd.Unreachable, why.substr(0, 60));
    }
  }
}

/** Percent-encoding undone (RFC 3986 2.1). */
function unescaped(text: string): string {
  const parts = text.split("%");
  for (let i = 1; i < parts.length; i++) {
    parts[i] = String.fromCharCode(parseInt(parts[i].substr(0, 2), 16)) + parts[i].substr(2);
  }
  return parts.join("");
}

/** Is it an https URL? */
function isSecure(url: string): boolean {
  return url.substr(0, 8).toLowerCase() === "https://";
}

/** What was written has left: write the next piece of a body of ours. */
export function httpSent(): void {
  const r = http.request!;
  r.quiet = PATIENCE;
  if (r.head[0] === "P" && r.at >= 0 && r.stage < HttpStage.Done) {
    const piece = load(r.body, r.at) as string;
    r.at = piece ? r.at + piece.length : -1;
    if (piece) {
      r.socket!.write(piece);
    }
  }
}

/** The server has closed, or the connection is gone: for a body without a length that is its end. */
export function httpClosed(): void {
  const r = http.request!;
  if (r.stage === HttpStage.Body && r.need === -1) {
    finish(r.code, "");
  } else if (r.stage < HttpStage.Done) {
    finish(HttpEnd.Broken, r.code ? "answer broke off" : "closed without an answer");
  }
}

/** Bytes of the answer. */
export function httpData(chunk: string): void {
  const r = http.request!;
  let p = 0;
  r.quiet = PATIENCE;
  while (p < chunk.length && r.stage < HttpStage.Done) {
    if (r.stage === HttpStage.Body) {
      const rest = chunk.length - p;
      const n = r.need >= 0 && rest > r.need ? r.need : rest;
      const at = r.at;
      r.at += n;
      if (load(r.body, chunk.substr(p, n), at)) {
        finish(HttpEnd.Stopped, "");
      } else if (r.need > 0) {
        r.need -= n;
        if (!r.need) {
          if (r.location) {
            r.stage = HttpStage.ChunkEnd;
          } else {
            finish(r.code, "");
          }
        }
      }
      p += n;
    } else {
      let end = chunk.indexOf("\n", p);
      const whole = end >= 0;
      if (!whole) {
        end = chunk.length;
      }
      r.size += end + 1 - p;
      r.text += chunk.substr(p, Math.min(end - p, MOST_LINE - r.text.length));
      p = end + 1;
      if (r.size > MOST_HEAD) {
        finish(HttpEnd.Broken, "endless head");
      } else if (whole) {
        const line = r.text.trim();
        r.text = "";
        if (r.stage < HttpStage.Body) {
          headLine(line);
        } else {
          chunkLine(line);
        }
      }
    }
  }
}

/** A line of the head is complete. */
function headLine(line: string): void {
  const r = http.request!;
  const colon = line.indexOf(":");
  const name = line.substr(0, colon < 0 ? 0 : colon).toLowerCase();
  const value = line.substr(colon + 1).trim();
  if (r.stage === HttpStage.Status) {
    r.code = parseInt(line.substr(9, 3));
    r.stage = HttpStage.Head;
    if (line.substr(0, 7) !== "HTTP/1." || !(r.code > 99 && r.code < 600)) {
      finish(HttpEnd.Broken, "no HTTP");
    }
  } else if (!line) {
    headEnd();
  } else if (name === "content-length" && r.need > -2) {
    const bytes = parseInt(value, 10);
    if ("" + bytes !== value || bytes < 0 || (r.need >= 0 && r.need !== bytes)) {
      finish(HttpEnd.Broken, "no length");
    }
    r.need = bytes;
  } else if (name === "transfer-encoding") {
    r.need = r.need > -3 && value.toLowerCase() === "chunked" ? -2 : -3;
  } else if (name === "content-encoding" && value.toLowerCase() !== "identity") {
    r.need = -3;
  } else if (name === "content-range") {
    r.at = value.substr(0, 6).toLowerCase() === "bytes " ? parseInt(value.substr(6)) : -1;
  } else if (name === "location" && line.length < MOST_LINE) {
    r.location = value;
  }
}

/** The head is complete. */
function headEnd(): void {
  const r = http.request!;
  const code = r.code;
  const get = r.head[0] === "G";
  const location = r.location;
  r.size = 0;
  r.location = "";
  if (code < 200) {
    r.stage = HttpStage.Status; // the real answer follows
  } else if (location && (code > 306 ? code < 309 : get && code > 300 && code < 304)) {
    const from = r.url;
    const begin = find(from, "//") + 2;
    const slash = from.indexOf("/", begin);
    const root = slash < 0 ? from : from.substr(0, slash);
    r.url =
      find(location, "://") > 0
        ? location
        : location[0] !== "/"
          ? from.substr(0, slash < 0 ? from.length : from.split("?")[0].lastIndexOf("/")) + "/" + location
          : location[1] === "/"
            ? from.substr(0, begin - 2) + location
            : root + location;
    if (++r.hops > MOST_HOPS || (isSecure(from) && !isSecure(r.url))) {
      finish(HttpEnd.Broken, "redirected too far");
    } else {
      finish(0, "");
    }
  } else if (!get || (code !== 200 && code !== 206)) {
    finish(code, "");
  } else if (r.need < -2 || (code === 206 && !(r.at >= 0))) {
    finish(HttpEnd.Broken, "body in no known form");
  } else {
    if (code === 200) {
      r.at = 0;
    }
    if (r.need === -2) {
      r.location = "#"; // in chunks
      r.stage = HttpStage.ChunkLength;
    } else if (r.need) {
      r.stage = HttpStage.Body;
    } else {
      finish(code, "");
    }
  }
}

/** A line between chunks is complete. */
function chunkLine(line: string): void {
  const r = http.request!;
  if (r.stage === HttpStage.ChunkLength) {
    r.need = parseInt(line.split(";")[0], 16);
    r.size = 0;
    r.stage = r.need ? HttpStage.Body : HttpStage.Trailer;
    if (!(r.need >= 0)) {
      finish(HttpEnd.Broken, "no chunk");
    }
  } else if (r.stage === HttpStage.Trailer) {
    if (!line) {
      finish(r.code, "");
    }
  } else if (line) {
    finish(HttpEnd.Broken, "no chunk");
  } else {
    r.stage = HttpStage.ChunkLength;
  }
}
