import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Rig } from "./rig.ts";
import { SUITE } from "./suite.ts";
const cpu = (): number => {
  const pids = execSync(`pgrep -P ${process.pid} espruino`).toString().trim().split("\n");
  return pids.reduce((sum, pid) => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" "); return sum + (+f[11] + +f[12]) * 10; }, 0);
};
const rig = await Rig.start({ engine: "espruino", image: readFileSync(process.argv[2]) });
for (const step of SUITE) {
  const name = (step as any).step ?? (step as any).title ?? (step as any).name;
  if (SUITE.indexOf(step) > 0 && !/GetVariables|SendLocalList|card|session/i.test(name)) continue;
  const a = cpu();
  try { await step.run(rig); await rig.quiet(); } catch (e) { console.log(name, String(e).slice(0, 100)); continue; }
  console.log(name, cpu() - a, "ms");
}
await rig.close();
process.exit(0);
