import { Rig } from "/work/wt/conf/tools/conformance/rig.ts";
const secs = Number(process.argv[2]);
const t = await Rig.open(
  {
    evses: 4,
    outOfOrder: true,
    boot: false,
    tolerate: ["StatusNotification"],
    set: {
      "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true",
      "SampledDataCtrlr.TxUpdatedInterval": "1",
      "OCPPCommCtrlr.OfflineThreshold": "80000",
    },
  },
  "node",
);
const cards = [1, 2, 3, 4].map((n) => ({ idToken: `0400000${n}`, type: "ISO14443" }));
for (let i = 0; i < 3; i++) await t.advance(1);
await t.quiet();
let s = Date.now();
await t.post("/network", { up: false });
for (const [i, card] of cards.entries()) {
  await t.draw(true, i + 1);
  await t.plug(i + 1);
  await t.tap(card);
  await t.advance(1);
}
for (let k = 0; k < secs; k += 200) {
  await t.advance(200);
  console.log(k, (await t.state()).queue, Date.now() - s);
}
for (const card of cards) await t.tap(card);
await t.advance(2);
console.log((await t.state()).queue, Date.now() - s);
await t.post("/network", { up: true });
await t.online(60);
for (let i = 0; i < 60; i++) {
  const q = (await t.state()).queue;
  if (q.events === 0) break;
  if (i % 5 == 0) console.log(q, Date.now() - s);
  await new Promise((r) => setTimeout(r, 500));
  if (i % 4 == 3) await t.advance(1);
}
console.log((await t.state()).queue, Date.now() - s);
const ev = t.station
  .frames()
  .filter((f) => f.dir === "out" && f.text.includes("TransactionEvent"))
  .map((f) => JSON.parse(f.text)[3].eventType);
console.log(ev.length, ev.filter((e) => e === "Started").length, ev.filter((e) => e === "Ended").length);
await t.close();
