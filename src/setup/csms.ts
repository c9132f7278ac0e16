/**
 * @overlay
 * Trial of the CSMS: TCP and the upgrade request of OCPP-J (Part 4, 3.1) as `connect` makes it, then the status line of the answer is shown and the
 * connection closed. Nothing of OCPP is said.
 */
import { random32 } from "../kernel/engine/entropy";
import { openSocket } from "../kernel/engine/open-socket";
import { find } from "../kernel/text";
import { csmsPassword, field } from "./form";
import { setup, Trial } from "./setup";
import { endTrial } from "./steps";

/** Bytes of the answer that are looked at. */
const MOST_HEAD = 600;

/** Connect, when the name is known, and ask. */
export function ask(): void {
  const rest = field(setup.form, "url").substr(5);
  const slash = (rest + "/").indexOf("/");
  const authority = rest.substr(0, slash);
  const host = authority.split(":")[0];
  const id = field(setup.form, "id");
  const password = csmsPassword(setup.form);
  const version = field(setup.form, "version");
  let path = rest.substr(slash);
  if (!path || path[path.length - 1] !== "/") {
    path += "/";
  }
  let key = "";
  for (let i = 0; i < 16; i++) {
    key += String.fromCharCode(random32() & 255);
  }
  let socket;
  try {
    socket = openSocket(host, parseInt(authority.split(":")[1] || "80"), false, "");
  } catch (error) {
    const why = "" + error;
    if (find(why, "looking up") < 0) {
      endTrial("CSMS: no connection, " + why.substr(0, 60));
    } else {
      setup.verdict = "no address of " + host;
    }
    return;
  }
  setup.socket = socket;
  setup.trial = Trial.Asking;
  setup.trialLeft = 15;
  setup.verdict = "";
  socket.on("data", function (chunk) {
    answered(chunk);
  });
  socket.on("close", function () {
    answered("");
  });
  socket.write(
    "GET " +
      path +
      escaped(id) +
      " HTTP/1.1\r\nHost: " +
      authority +
      "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
      btoa(key) +
      "\r\nSec-WebSocket-Protocol: " +
      (version === "auto" ? "ocpp2.0.1, ocpp1.6" : version) +
      (password ? "\r\nAuthorization: Basic " + btoa(id + ":" + password) : "") +
      "\r\n\r\n",
  );
}

/** Percent-encoded for a path (RFC 3986 2.1). */
function escaped(text: string): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const plain = (c > 47 && c < 58) || (c > 64 && c < 91) || (c > 96 && c < 123) || find("-._~", text[i]) >= 0;
    out += plain ? text[i] : "%" + "0123456789ABCDEF"[c >> 4] + "0123456789ABCDEF"[c & 15];
  }
  return out;
}

/** A piece of the answer, or "": the connection has ended. */
export function answered(chunk: string): void {
  const head = setup.verdict + chunk.substr(0, MOST_HEAD - setup.verdict.length);
  setup.verdict = head;
  if (!chunk || head.length === MOST_HEAD || find(head, "\r\n\r\n") >= 0) {
    const first = head.split("\n")[0].trim().substr(0, 80);
    const strange = first.substr(0, 7) !== "HTTP/1.";
    const refused = find(first, " 101") > 0 && find(head.toLowerCase(), "sec-websocket-protocol:") < 0;
    endTrial(
      "CSMS: " +
        (!first ? "closed without an answer" : strange ? "no HTTP" : refused ? first + ", but no common protocol" : first),
    );
  }
}
