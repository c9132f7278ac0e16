/**
 * @overlay
 * HTTP/1.1 (RFC 9112) as far as one page needs it. A request is read as it comes: of its head nothing is kept but the first line and
 * Content-Length, so its memory is bounded whatever is sent; so are its time and the number of connections.
 */
import { table } from "../kernel/overlay";
import { form } from "./form";
import { setup, type PageSocket } from "./setup";
import { startScan, state } from "./steps";

/** Connections at a time; a browser opens up to six, and comes again. */
const MOST_SOCKETS = 4;
/** Seconds for a request, and for each piece of its answer. */
const PATIENCE = 10;
/** Bytes of a head, of a line of it that is kept, and of a body. */
const MOST_HEAD = 8192;
const MOST_LINE = 200;
const MOST_BODY = 1500;
/** Bytes of the page that are sent at a time. */
const PIECE = 512;

/** Somebody has connected. */
export function accepted(host: Socket): void {
  const socket = host as PageSocket;
  const sockets = setup.sockets!;
  if (sockets.length >= MOST_SOCKETS) {
    drop(socket);
    return;
  }
  sockets.push(socket);
  socket.time = PATIENCE;
  socket.size = 0;
  socket.text = socket.goal = "";
  socket.need = socket.from = -1;
  socket.on("data", function (chunk) {
    heard(socket, chunk);
  });
  socket.on("drain", function () {
    sent(socket);
  });
  socket.on("close", function () {
    left(socket);
  });
  socket.on("error", function () {
    left(socket);
  });
}

/** It has gone. */
function left(socket: PageSocket): void {
  const at = setup.sockets!.indexOf(socket);
  socket.removeAllListeners();
  socket.text = "";
  if (at >= 0) {
    setup.sockets!.splice(at, 1);
  }
}

/** Its time is up. One that was closed before it was accepted never says so. */
export function dismiss(socket: PageSocket): void {
  drop(socket);
  left(socket);
}

/** Write; the engine may have closed the socket in this very turn, and throws then. */
function put(socket: PageSocket, text: string): void {
  try {
    socket.write(text);
  } catch {
    left(socket);
  }
}

/** Close it now, whatever has not left. */
export function drop(socket: Socket): void {
  socket.dSnd = "";
  socket.clsNow = 1;
}

/** A piece of the request. */
function heard(socket: PageSocket, chunk: string): void {
  let at = 0;
  while (socket.need === -1 && at < chunk.length) {
    let end = chunk.indexOf("\n", at);
    const whole = end >= 0;
    if (!whole) {
      end = chunk.length;
    }
    socket.size += end + 1 - at;
    if (socket.text.length < MOST_LINE) {
      socket.text += chunk.substring(at, Math.min(end, at + MOST_LINE));
    }
    at = end + 1;
    if (socket.size > MOST_HEAD) {
      answer(socket, "431 Request Header Fields Too Large", "");
    } else if (whole) {
      headLine(socket);
    }
  }
  if (socket.need > 0 && socket.text.length < socket.need) {
    socket.text += chunk.substr(at, socket.need - socket.text.length);
  }
  if (socket.need >= 0 && socket.text.length === socket.need) {
    request(socket);
  }
}

/** A line of the head is complete. */
function headLine(socket: PageSocket): void {
  const length = socket.text.length;
  const line = length && socket.text[length - 1] === "\r" ? socket.text.substr(0, length - 1) : socket.text;
  socket.text = "";
  if (!socket.goal) {
    const words = line.split(" ");
    if (line && (words.length !== 3 || words[2].substr(0, 7) !== "HTTP/1." || length >= MOST_LINE)) {
      answer(socket, length < MOST_LINE ? "400 Bad Request" : "414 URI Too Long", "");
    } else if (line) {
      socket.goal = words[0] + " " + words[1].split("?")[0];
    }
  } else if (!line) {
    socket.need = socket.from > 0 ? socket.from : 0;
    socket.from = -1;
  } else if (line.substr(0, 15).toLowerCase() === "content-length:") {
    const digits = line.substr(15).trim();
    const bytes = parseInt(digits, 10);
    if ("" + bytes !== digits || bytes < 0 || (socket.from >= 0 && socket.from !== bytes)) {
      answer(socket, "400 Bad Request", "");
    } else if (bytes > MOST_BODY) {
      answer(socket, "413 Content Too Large", "");
    } else {
      socket.from = bytes;
    }
  } else if (line.substr(0, 18).toLowerCase() === "transfer-encoding:") {
    answer(socket, "411 Length Required", "");
  }
}

/** The request is complete. */
function request(socket: PageSocket): void {
  const goal = socket.goal;
  const method = goal.split(" ")[0];
  const body = socket.text;
  setup.left = Math.max(setup.left, 300);
  if (goal === "GET /state") {
    answer(socket, "200 OK", state());
  } else if (goal === "POST /scan") {
    startScan();
    answer(socket, "200 OK", "{}");
  } else if (goal === "POST /try" || goal === "POST /save") {
    const trouble = form(body, goal === "POST /try");
    answer(socket, trouble ? "422 Unprocessable Content" : "200 OK", '{"error":"' + trouble + '"}');
  } else if (method === "GET" || method === "HEAD") {
    // Any other path is the page's: that is how a telephone finds that there is one.
    answer(socket, "200 OK", method);
  } else {
    answer(socket, method === "POST" ? "404 Not Found" : "405 Method Not Allowed", "");
  }
}

/** Answer with `status` and JSON, or for `GET` and `HEAD` with the page. */
function answer(socket: PageSocket, status: string, body: string): void {
  const isPage = body === "GET" || body === "HEAD";
  // Of a request that is not complete the rest may still be on its way, and closing now would take the answer with it.
  socket.need = socket.need < 0 ? -3 : -2;
  socket.time = socket.need < -2 ? 2 : PATIENCE;
  socket.text = "";
  socket.from = body === "GET" ? 0 : -1;
  put(
    socket,
    "HTTP/1.1 " +
      status +
      "\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Type: " +
      (isPage ? "text/html" : "application/json") +
      "; charset=utf-8\r\nContent-Length: " +
      (isPage ? table("setupPage").length : body.length) +
      "\r\n\r\n" +
      (isPage ? "" : body),
  );
}

/** What was written has left. */
function sent(socket: PageSocket): void {
  if (socket.from >= 0) {
    const piece = table("setupPage").substr(socket.from, PIECE);
    socket.from = piece.length < PIECE ? -1 : socket.from + PIECE;
    socket.time = PATIENCE;
    if (piece) {
      put(socket, piece);
      return;
    }
  }
  if (socket.need === -2) {
    socket.end();
  }
}
