/** Wi-Fi of a board (`src/drivers/wifi.ts`) against the twin of the engine's module. */
import assert from "node:assert/strict";
import { withWifi, wifiTest, type WifiBench } from "./bench.ts";

/** Seconds between the attempts to join. */
function waits({ wifi }: WifiBench): number[] {
  return wifi.attempts.slice(1).map((second, index) => second - wifi.attempts[index]);
}

/** Waits 4 s doubled six times, and up to as much again, are what a row of failures may show; `first`: failures before. */
function assertBackOff(seen: readonly number[], first = 0): void {
  seen.forEach((wait, index) => {
    const least = 4 << Math.min(first + index, 6);
    assert.ok(wait >= least && wait < 2 * least + 2, `wait ${index + 1} of ${seen.join(", ")}`);
  });
}

describe("Wi-Fi", () => {
  wifiTest("drops the connection when the access point is lost, and connects again when it is back", {}, async (bench) => {
    const { wifi, station, advance, until, online, log } = bench;
    await until("online", online, 5);
    const [home] = wifi.networks;
    wifi.lose(home);
    await advance(1);
    assert.equal(await online(), false);
    const frames = station.frames().length;
    await advance(120);
    // No attempt to connect is made while there is no network.
    assert.equal(station.frames().length, frames);
    assert.ok(!log.some((line) => line.includes("no connection")), log.join("\n"));
    assertBackOff(waits(bench).slice(1), 1);
    home.up = true;
    await until("online again", online, 600);
    assert.ok(log.some((line) => /Wi-Fi: BEACON_TIMEOUT/.test(line)) && log.some((line) => /NO_AP_FOUND/.test(line)));
  });

  wifiTest("goes back at once when the engine has joined again by itself", {}, async ({ wifi, advance, until, online, csms }) => {
    await until("online", online, 5);
    wifi.rejoin();
    await advance(1);
    await until("online again", online, 5);
    assert.equal(wifi.attempts.length, 1);
    assert.deepEqual(csms.violations, []);
  });

  wifiTest("waits longer and longer with a wrong password", { password: "wrong horse" }, async (bench) => {
    await bench.advance(900);
    assert.ok(bench.wifi.attempts.length > 4 && bench.wifi.attempts.length < 12, `${bench.wifi.attempts}`);
    assertBackOff(waits(bench));
    assert.ok(bench.log.some((line) => line.includes("4WAY_HANDSHAKE_TIMEOUT")));
    assert.ok(!bench.log.some((line) => line.includes("wrong horse")));
  });

  wifiTest(
    "gives an attempt up when DHCP stays silent, and takes the address when it comes",
    { prepare: (wifi) => void (wifi.networks[0].dhcp = false) },
    async ({ wifi, advance, until, online, log }) => {
      await advance(19);
      assert.deepEqual(wifi.asked, ["join Home"]);
      await advance(2);
      assert.deepEqual(wifi.asked, ["join Home", "leave"]);
      assert.ok(log.some((line) => line.includes("no address by DHCP")));
      wifi.networks[0].dhcp = true;
      await until("online", online, 30);
    },
  );

  wifiTest("joins the configured network, then connects to the CSMS by its address", {}, async ({ wifi, until, online, log }) => {
    await until("online", online, 5);
    assert.deepEqual(wifi.asked, ["join Home"]);
    assert.ok(!log.some((line) => line.includes("looking up")));
  });

  it("waits differently with another seed, and in the same way with the same one", async function () {
    this.timeout(60_000);
    const rows: string[] = [];
    for (const seed of [1, 2, 1])
      await withWifi("node", { password: "wrong horse", station: { seed } }, async (bench) => {
        await bench.advance(600);
        rows.push(waits(bench).join());
      });
    assert.equal(rows[0], rows[2]);
    assert.notEqual(rows[0], rows[1]);
  });
});

describe("look-ups", () => {
  wifiTest(
    "find the CSMS by its name, in the second after the answer",
    { prepare: (wifi) => void wifi.names.set("csms.test", "127.0.0.1"), host: "csms.test" },
    async ({ wifi, until, online }) => {
      await until("online", online, 5);
      assert.deepEqual(wifi.asked, ["join Home", "look up csms.test"]);
    },
  );

  wifiTest(
    "that find nothing are made again with the waits of the connection",
    { host: "csms.test" },
    async ({ wifi, advance, until, online, log }) => {
      await advance(60);
      const asked = wifi.asked.filter((what) => what === "look up csms.test").length;
      assert.ok(asked > 1 && asked < 8, `${asked} look-ups`);
      assert.ok(log.some((line) => line.includes("no address of csms.test")));
      wifi.names.set("csms.test", "127.0.0.1");
      await until("online", online, 400);
    },
  );

  wifiTest(
    "that nobody answers are given up",
    { host: "csms.test", prepare: (wifi) => void (wifi.dns = false) },
    async ({ wifi, advance, until, online }) => {
      await advance(120);
      wifi.dns = true;
      wifi.names.set("csms.test", "127.0.0.1");
      await until("online", online, 600);
    },
  );
});
