/**
 * @overlay
 * Borders of the connection's states: opening handshake (RFC 6455 4.1, OCPP-J Part 4, 3.1), ping, loss and back-off (RPC-13).
 */
import { log } from "./engine/log";
import { random32 } from "./engine/entropy";
import { openSocket } from "./engine/open-socket";
import { socketWrite } from "./engine/socket";
import { closed, Connection, connection, hooks } from "./connection";
import { message } from "./json";
import { load, variable } from "./overlay";
import { drained, rpc, soon } from "./rpc";
import { find } from "./text";
import { frame, Opcode, received, sendFrame } from "./websocket";

/** Seconds for TCP, TLS and the upgrade together. */
const UPGRADE_TIMEOUT = 30;
/** Seconds that a closing connection may take. */
const DRAIN_TIMEOUT = 5;

/**
 * The slot of the network profile that the next attempt uses: each one of the list so many times, beginning with the last that worked,
 * and over again (OCPP 2.0.1 B10.FR.03, FR.07; B-43, B-44).
 */
function slot(): number {
  const list = (load(hooks.setting, variable("OCPPCommCtrlr.NetworkConfigurationPriority")) as string).split(",");
  const attempts = parseInt(load(hooks.setting, variable("OCPPCommCtrlr.NetworkProfileConnectionAttempts")) as string);
  // After a loss `fails` is 0 in the first attempt, after a boot -1.
  const turn = Math.floor((connection.fails + (connection.worked ? 0 : 1)) / attempts);
  const at = list.indexOf("" + connection.worked);
  return parseInt(list[(at < 0 ? turn : at + turn) % list.length]);
}

/** Columns of the network profile in use: URL; MessageTimeout, security profile and subprotocol may be missing. */
function profileInUse(): string[] {
  return (
    load(
      hooks.setting,
      connection.slot === 1 ? variable("NetworkConfiguration.OcppCsmsUrl[1]") : variable("NetworkConfiguration.OcppCsmsUrl[2]"),
    ) as string
  ).split(" ");
}

/** Subprotocols that are offered to its server, the preferred one first. */
function offer(): string {
  const version = profileInUse()[3] || (load(hooks.setting, variable("NetworkConfiguration.OcppVersion[1]")) as string);
  return version === "auto" ? "ocpp2.0.1, ocpp1.6" : version;
}

/** Begin an attempt. */
export function connect(): void {
  connection.slot = slot();
  const profile = profileInUse();
  const url = profile[0];
  connection.timeout = parseInt(profile[1] || "30");
  const secure = url.substr(0, 6) === "wss://";
  const rest = url.substr(secure ? 6 : 5);
  let slash = rest.indexOf("/");
  if (slash < 0) {
    slash = rest.length;
  }
  const authority = rest.substr(0, slash);
  const colon = authority.lastIndexOf(":");
  const host = colon < 0 ? authority : authority.substr(0, colon);
  const port = colon < 0 ? (secure ? 443 : 80) : parseInt(authority.substr(colon + 1));
  const identity = load(hooks.setting, variable("SecurityCtrlr.Identity")) as string;
  const password = load(hooks.setting, variable("SecurityCtrlr.BasicAuthPassword")) as string;
  let path = rest.substr(slash);
  // An index before the begin of a text throws on the engine.
  if (!path || path[path.length - 1] !== "/") {
    path += "/";
  }
  for (let i = 0; i < identity.length; i++) {
    const c = identity.charCodeAt(i);
    path += c < 128 ? encodeURIComponent(identity[i]) : "%" + c.toString(16); // the engine writes other bytes wrong
  }
  let key = "";
  for (let i = 0; i < 16; i++) {
    key += String.fromCharCode(random32() & 255);
  }
  key = btoa(key);
  frame.head = btoa(E.toString(require("crypto").SHA1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
  connection.state = Connection.Upgrading;
  connection.left = UPGRADE_TIMEOUT;
  try {
    const socket = openSocket(
      host,
      port,
      secure,
      secure ? atob(load(hooks.setting, variable("Board.CaCertificate")) as string) : "",
    );
    connection.socket = socket;
    socket.on("data", received);
    socket.on("drain", drained);
    socket.on("close", closed);
    socket.on("error", closed);
  } catch (error) {
    log("no connection to " + authority + ": " + error);
    lost();
    return;
  }
  socketWrite(
    "GET " +
      path +
      " HTTP/1.1\r\nHost: " +
      authority +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
      key +
      "\r\nSec-WebSocket-Protocol: " +
      offer() +
      (password ? "\r\nAuthorization: Basic " + btoa(identity + ":" + password) : "") +
      "\r\n\r\n",
  );
}

/** Value of header `name` (lower case) in `head`, "" when absent. */
function header(head: string, name: string): string {
  const at = find(head.toLowerCase(), "\r\n" + name + ":");
  return at < 0 ? "" : head.substring(at + name.length + 3, head.indexOf("\r", at + 2)).trim();
}

/** The answer to the upgrade request is complete; its last header ends at `end` of the buffer. */
export function upgraded(end: number): void {
  const head = message.text.substr(0, end) + "\r\n";
  const protocol = header(head, "sec-websocket-protocol");
  message.text = "";
  let refusal = "";
  if (head.substr(0, 12) !== "HTTP/1.1 101") {
    refusal = head.substr(0, 7) === "HTTP/1." ? head.substring(0, head.indexOf("\r")) : "no HTTP";
  } else if (header(head, "upgrade").toLowerCase() !== "websocket" || header(head, "sec-websocket-accept") !== frame.head) {
    refusal = "wrong accept key";
  } else if (find(", " + offer() + ",", " " + protocol + ",") < 0 || !load(hooks.choose, protocol)) {
    refusal = "wrong subprotocol";
  }
  frame.head = "";
  if (refusal) {
    log("CSMS refused: " + refusal.substr(0, 60));
    lost();
    return;
  }
  connection.protocol = protocol;
  connection.state = Connection.Open;
  connection.fails = -1;
  connection.quiet = 0;
  connection.ping = parseInt(load(hooks.setting, variable("OCPPCommCtrlr.WebSocketPingInterval")) as string);
  frame.left = -1;
  frame.opcode = frame.surplus = 0;
  load(hooks.opened);
  connection.worked = connection.slot;
  connection.offline = 0;
  soon();
}

/** Ping time. Nothing heard since the last one: the link is half open (RPC-11). */
export function ping(): void {
  if (connection.quiet) {
    log("no pong");
    lost();
    return;
  }
  connection.ping = parseInt(load(hooks.setting, variable("OCPPCommCtrlr.WebSocketPingInterval")) as string);
  connection.quiet = 1;
  if (connection.ping) {
    sendFrame(128 | Opcode.Ping, "");
  }
}

/** A close frame came: echo its code, or refuse one that may not be on the wire (RFC 6455 5.5.1, 7.4.1). */
export function closeReceived(): void {
  const body = frame.control;
  const code = body.length > 1 ? body.charCodeAt(0) * 256 + body.charCodeAt(1) : body.length ? 0 : 1000;
  if (code < 1000 || (code > 1003 && code < 1007) || (code > 1011 && code < 3000) || code > 4999) {
    closeWith(1002);
  } else {
    sendFrame(128 | Opcode.Close, body.substr(0, 2));
    closeWith(0);
  }
}

/** Close with `code`; 0 when the close frame was sent before or there is no WebSocket yet. */
export function closeWith(code: number): void {
  if (code) {
    log("closing with " + code);
    sendFrame(128 | Opcode.Close, String.fromCharCode(code >> 8, code & 255));
  }
  connection.state = Connection.Draining;
  connection.left = DRAIN_TIMEOUT;
  connection.socket!.end();
}

/** The connection is gone or given up: clean up, compute the wait before the next attempt, tell the protocol about its open call. */
export function lost(): void {
  const socket = connection.socket;
  if (socket) {
    socket.removeAllListeners();
    // `end` waits for unsent bytes, for ever on a half-open link. These two of the engine's own fields close it now.
    socket.dSnd = "";
    socket.clsNow = 1;
    connection.socket = undefined;
  }
  connection.state = Connection.Down;
  connection.fails++;
  let doublings = parseInt(load(hooks.setting, variable("OCPPCommCtrlr.RetryBackOffRepeatTimes")) as string);
  if (doublings > connection.fails) {
    doublings = connection.fails;
  }
  const range = parseInt(load(hooks.setting, variable("OCPPCommCtrlr.RetryBackOffRandomRange")) as string);
  connection.left =
    parseInt(load(hooks.setting, variable("OCPPCommCtrlr.RetryBackOffWaitMinimum")) as string) * (1 << doublings) +
    ((random32() >>> 1) % (range + 1));
  message.text = rpc.out = frame.head = frame.rest = "";
  rpc.held = undefined;
  rpc.stream = rpc.begun = frame.due = 0;
  if (rpc.call) {
    const call = rpc.call;
    rpc.call = 0;
    load(rpc.result, call, -2);
  }
}

/** No answer within MessageTimeout (RPC-04): the call has failed, the next may go. */
export function callTimedOut(): void {
  if (connection.socket!.dSnd) {
    lost(); // nothing leaves: the link is dead, and that uses up no attempt
    return;
  }
  const call = rpc.call;
  rpc.call = 0;
  load(rpc.result, call, -1);
  soon();
}
