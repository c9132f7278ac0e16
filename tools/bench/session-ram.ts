/** RAM in use over one charging session on the engine, second by second: from power on to a car that has gone. */
import { Rig } from "../budget/rig.ts";
import type { Build } from "../build/build-board.ts";
import { withConsole } from "./packing.ts";
import { probeNames } from "./probe.ts";

export interface SessionRam {
  /** Most variables in use in each simulated second since power on, as the firmware samples them at frames, flash writes and ticks. */
  seconds: number[];
  /** What happened, and in which second. */
  moments: { second: number; text: string }[];
}

const CARD = { idToken: "04A1B2C3", type: "ISO14443" };
/** By second: what is done before it passes. */
const STORY: { second: number; text: string; posts: [string, object?][] }[] = [
  { second: 20, text: "plug", posts: [["/evse/1/plug"]] },
  { second: 30, text: "card", posts: [["/tap", CARD]] },
  { second: 36, text: "car draws", posts: [["/evse/1/ev", { draw: true, amps: 16 }]] },
  {
    second: 230,
    text: "card",
    posts: [
      ["/tap", CARD],
      ["/evse/1/ev", { draw: false }],
    ],
  },
  { second: 240, text: "unplug", posts: [["/evse/1/unplug"]] },
];
const LENGTH = 260;

export async function measureSession(build: Build): Promise<SessionRam> {
  const { peak } = probeNames(build);
  return withConsole(async (engine) => {
    const rig = await Rig.start({
      engine: "espruino",
      image: build.storage,
      evses: 2,
      print: (line) => engine.heard(line),
    });
    const moments: SessionRam["moments"] = [{ second: 0, text: "power on" }];
    const seconds: number[] = [];
    rig.heard = ({ dir, text }) => {
      if (dir === "out" && text.includes('"BootNotification"'))
        moments.push({ second: seconds.length, text: "BootNotification" });
    };
    try {
      for (let second = 0; second < LENGTH; second++) {
        for (const { text, posts } of STORY.filter((one) => one.second === second)) {
          for (const [path, body] of posts) await rig.post(path, body);
          moments.push({ second, text });
        }
        await rig.advance(1);
        // A busy machine is given the time that the station needs for this second.
        if (second >= STORY[0].second) await rig.until("every event confirmed", ({ queue }) => queue.events === 0);
        const lines = await engine.type(`print("most",${peak});${peak}=0`);
        const most = Number(/most (\d+)/.exec(lines.join(" "))?.[1] ?? NaN);
        seconds.push(most > 0 ? most : (seconds.at(-1) ?? 0));
      }
      return { seconds, moments };
    } finally {
      await rig.close();
    }
  });
}
