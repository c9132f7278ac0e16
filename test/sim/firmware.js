/*
 * Firmware for tests of the simulator: speaks the hardware link, opens a WebSocket through the relay, journals each card in raw flash.
 * Cards: REBOOT resets it, HANG makes it deaf, THROW throws. Otherwise a card closes lock and contactor, and the next one opens them.
 * Storage file `csms` holds host,port[,tls]. Only what the real engine has, in its order.
 */
var RAW = 0x10000000 + 851968;
var ports = require("fs").readFileSync("link").split(",");
var hw,
  input = "",
  ws = null,
  online = 0,
  ticks = 0,
  calls = 0,
  taps = 0,
  deaf = 0,
  on = 0,
  waiting = 0;
var lines = {},
  cutIn = 0,
  torn = 0,
  ops = 0,
  erases = 0,
  head = "",
  log = "",
  closes = 0;

function say(line) {
  hw.write(line + "\n");
}
function rawWrite(offset, bytes) {
  ops++;
  if (cutIn && !--cutIn) {
    if (torn) require("Flash").write(bytes.slice(0, bytes.length >> 1), RAW + offset);
    require("fs").writeFileSync("cut", "1");
    E.reboot();
  }
  require("Flash").write(bytes, RAW + offset);
}
function countTaps() {
  var n = 0;
  while (n < 1000 && require("Flash").read(1, RAW + n * 4)[0] != 255) n++;
  return n;
}
function outputs() {
  say("o1" + (on && lines.P1 == "C" ? 1 : 0) + (on ? 1 : 0) + "," + (on ? 10000 : 0));
}
function sendText(text) {
  var n = text.length,
    a = new Uint8Array(n + 6);
  a[0] = 129;
  a[1] = 128 + n;
  a.set(text, 6);
  ws.write(E.toString(a));
}
function gone() {
  ws = null;
  online = 0;
  head = "";
  closes++;
}
function fromCsms(chunk) {
  if (online) {
    log = chunk;
    return;
  }
  head += chunk;
  if (head.indexOf("\r") > 0 && head.substr(head.length - 4) == "\r\n\r\n") online = 1;
}
function open() {
  var to = require("Storage").read("csms");
  if (!to) return;
  to = to.split(",");
  say("c" + to[0] + "," + to[1]);
  try {
    ws = require(to[2] ? "tls" : "net").connect({ host: "127.0.0.1", port: +ports[1] });
  } catch (e) {
    say("lconnect: " + (e.message || e));
    ws = null;
    return;
  }
  ws.on("data", fromCsms);
  ws.on("close", gone);
  ws.write(
    "GET /CS001 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
}
function state() {
  var m = process.memory();
  var s =
    '{"online":' +
    (online ? "true" : "false") +
    ',"protocol":' +
    (online ? '"ocpp2.0.1"' : "null") +
    ',"registration":null,"time":"2026-01-01T00:00:' +
    (ticks % 60 < 10 ? "0" : "") +
    (ticks % 60) +
    'Z","evses":[{"id":1,"status":"' +
    (lines.C1 == "1" ? "Occupied" : "Available") +
    '","transactionId":' +
    (on ? '"tx"' : "null") +
    '}],"queue":{"events":' +
    taps +
    ',"bytes":' +
    ticks +
    '},"memory":{"used":' +
    m.usage +
    ',"peak":' +
    closes +
    ',"total":' +
    m.total +
    '},"flash":{"ops":' +
    ops +
    ',"erases":' +
    erases +
    '},"build":"000000"}';
  say("s+" + s.substr(0, 50));
  say("s." + s.substr(50));
}
function card(token) {
  if (token == "REBOOT") E.reboot();
  if (token == "HANG") deaf = 1;
  if (token == "THROW") throw "F";
  rawWrite(taps * 4, [taps & 127, 1, 2, 3]);
  taps++;
  on = on ? 0 : 1;
  outputs();
}
function line(l) {
  var c = l[0];
  if (c == "T") {
    ticks++;
    if (!ws) open();
    else if (online && ticks % 10 == 0) sendText('[2,"m' + ++calls + '","Heartbeat",{}]');
  } else if (c == "?") state();
  else if (c == "Q") {
    cutIn = parseInt(l.substr(1));
    torn = +l.substr(l.length - 1);
  } else if (c == "K") card(l.substr(l.lastIndexOf(",") + 1));
  else if (c == "M") lines.M1 = l.substr(3);
  else {
    lines[l.substr(0, 2)] = l.substr(2);
    if (c == "P") outputs();
  }
}
// Not in the data event: a call of net there ends the engine when a TLS socket is open.
function work() {
  waiting = 0;
  while (!deaf) {
    var p = input.indexOf("\n");
    if (p < 0) return;
    var l = input.substr(0, p);
    input = input.substr(p + 1);
    line(l);
    say("k");
  }
}
function fromHardware(data) {
  input += data;
  if (!waiting) setTimeout(work, 0);
  waiting = 1;
}
taps = countTaps();
hw = require("net").connect({ host: "127.0.0.1", port: +ports[0] });
hw.on("data", fromHardware);
outputs();
