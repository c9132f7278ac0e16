/**
 * The boot file (`.bootcde`): the one program that is written once and never again. It chooses the slot that runs (docs/ARCHITECTURE.md, "Two slots").
 * A slot begins with eight words, little endian: CRC-32 of all from the fourth word on, tries (a byte falls with each), confirmed (its first byte
 * falls), number of the update (the higher is the newer), bytes of which the CRC is made, bytes of the kernel, build id. Kernel and slices follow.
 * The CRC is written last: it is what makes an update be. It is looked at before each start, so no mixture runs.
 */
import { SLOTS, SLOT_BYTES } from "./kernel/engine/slots";

/** ms in which a new build has to be confirmed. */
const TRIAL = 900000;
/** Seconds after which a new build that hangs is stopped. */
const HANG = 300;

/** The kernel of the slot that is to run. */
function kernel(): string {
  const flash = require("Flash");
  const storage = require("Storage");
  const heads = [0, SLOT_BYTES].map((at) => new Int32Array(flash.read(32, SLOTS + at).buffer));
  const older = heads[1][3] > heads[0][3] ? 0 : 1;
  // 3, 2: the newer and the older, when confirmed or with a try left; 1, 0: the same, when nothing else is left.
  for (let pass = 4; pass--;) {
    SLOT = (pass & 1) ^ older;
    const head = heads[SLOT];
    const at = SLOT * SLOT_BYTES;
    const trial = pass > 1 && head[2] & 1;
    if ((!trial || head[1]) && (E.CRC32(storage.read("slots", at + 12, head[4])!) | 0) === head[0]) {
      if (trial) {
        head[1] <<= 8;
        flash.write(head.buffer, SLOTS + at);
        E.enableWatchdog(HANG);
        setTimeout(
          (mark) => {
            if (flash.read(1, mark)[0]) {
              E.reboot();
            }
          },
          TRIAL,
          SLOTS + at + 8,
        );
      }
      CODE = storage.read("slots", at + 32 + head[5], head[4] - 20 - head[5])!;
      return storage.read("slots", at + 32, head[5])!;
    }
  }
  return "";
}

eval(kernel());
