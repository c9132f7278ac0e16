/**
 * @overlay
 * What happens while the configuration page is open, second by second.
 */
import { MODEL, SERIAL_NUMBER } from "board";
import { offline } from "../drivers/wifi-steps";
import { Radio, wifi } from "../drivers/wifi";
import { log } from "../kernel/engine/log";
import { listen, listenNames } from "../kernel/engine/server";
import { closeAccessPoint, joinWifi, leaveWifi, openAccessPoint, scanWifi } from "../kernel/engine/wifi";
import { quote } from "../kernel/escape";
import { opNumber, variable } from "../kernel/overlay";
import { evses } from "../station/evse";
import { setting } from "../store/settings";
import { ask } from "./csms";
import { field, wifiPassword } from "./form";
import { accepted, dismiss, drop } from "./http";
import { answerName } from "./names";
import { networksFound, pointOpened, setup, Trial } from "./setup";

/** Seconds that the page stays open, and at least behind a request (http.ts). */
const OPEN = 900;
/** Seconds for each step of the trial. */
const STEPS = "0,2,2,2,40,40,15,3";
/** Most networks that are told, the strongest first. */
const MOST_NETWORKS = 15;

/** Open the access point and the page; whatever charges goes on charging, offline. */
export function openSetup(): void {
  if (!setup.left) {
    setup.left = OPEN;
    setup.sockets = [];
    setup.verdict = setup.networks = setup.form = "";
    wifi.told = opNumber(told);
    offline();
    step(Trial.Returning);
  }
}

/** Go to a step of the trial. */
function step(trial: Trial): void {
  setup.trial = trial;
  setup.trialLeft = parseInt(STEPS.split(",")[trial]);
}

/** The time is up without a configuration: back to the network that is configured, if there is one. */
function closeSetup(): void {
  const sockets = setup.sockets!;
  for (let i = sockets.length; i > 0; i--) {
    dismiss(sockets[i - 1]);
  }
  if (setup.server) {
    setup.server.close();
  }
  if (setup.names) {
    setup.names.removeAllListeners();
    setup.names.close();
  }
  setup.server = setup.names = undefined;
  setup.left = setup.trial = wifi.told = 0;
  setup.form = setup.networks = "";
  closeAccessPoint();
  log("setup closed");
  wifi.state = Radio.Waiting;
  wifi.left = 3;
}

/** One second while it is open. */
export function setupTick(): void {
  const sockets = setup.sockets!;
  for (let i = sockets.length; i > 0; i--) {
    if (!--sockets[i - 1].time) {
      dismiss(sockets[i - 1]);
    }
  }
  if (setup.trial && !--setup.trialLeft) {
    trialDue();
  }
  if (setup.left && !--setup.left) {
    if (setup.trial) {
      setup.left = 1;
    } else {
      closeSetup();
    }
  }
  if (setup.trial === Trial.Connecting) {
    ask();
  }
}

/** The time of a step of the trial is up: for some that is how they end, for others it is a failure. */
function trialDue(): void {
  const trial = setup.trial;
  if (trial === Trial.Announced) {
    closeAccessPoint();
    step(Trial.Closing);
  } else if (trial === Trial.Closing) {
    leaveWifi();
    step(Trial.Leaving);
  } else if (trial === Trial.Leaving) {
    step(Trial.Joining);
    joinWifi(field(setup.form, "ssid"), wifiPassword(setup.form));
  } else if (trial === Trial.Joining) {
    endTrial(setup.verdict || "Wi-Fi: no answer");
  } else if (trial === Trial.Returning) {
    setup.trial = Trial.None;
    openPoint();
  } else {
    endTrial(trial === Trial.Asking ? "CSMS: no answer" : setup.verdict || "CSMS: no connection");
  }
}

function openPoint(): void {
  const password = setting(variable("Board.SetupPassword"));
  // The engine throws for a shorter one.
  openAccessPoint((MODEL + " " + SERIAL_NUMBER).substr(0, 32), password.length < 8 ? "" : password, pointOpened);
}

/** The access point is there. */
export function opened(): void {
  if (setup.left && !setup.server) {
    try {
      setup.server = listen(function (socket) {
        accepted(socket);
      });
      setup.names = listenNames(function (query, from) {
        const answer = answerName(query);
        if (answer && setup.names) {
          setup.names.send(answer, from.port, from.address);
        }
      });
      log("setup open: " + MODEL + " " + SERIAL_NUMBER);
    } catch (error) {
      log("setup page: " + error);
    }
  }
}

/** Begin the trial of the form that has come. */
export function beginTrial(body: string): void {
  setup.form = body;
  setup.verdict = "";
  step(Trial.Announced);
}

/** The trial has come to an end: tell it, and open the access point again. */
export function endTrial(verdict: string): void {
  setup.verdict = verdict;
  log("trial: " + verdict);
  if (setup.socket) {
    setup.socket.removeAllListeners();
    drop(setup.socket);
    setup.socket = undefined;
  }
  leaveWifi();
  step(Trial.Returning);
}

/** Wi-Fi tells something: an address, the reason of a failure, or neither. */
export function told(ip: string, reason: string): void {
  if (setup.trial === Trial.Joining) {
    if (reason) {
      endTrial("Wi-Fi: " + reason);
    } else if (ip) {
      setup.verdict = "";
      step(Trial.Connecting);
    } else {
      setup.verdict = "Wi-Fi: no address by DHCP";
    }
  } else if (reason && (setup.trial === Trial.Connecting || setup.trial === Trial.Asking)) {
    endTrial("Wi-Fi: " + reason);
  }
}

/** Look for networks. */
export function startScan(): void {
  if (setup.networks !== " " && !setup.trial) {
    setup.networks = " ";
    try {
      scanWifi(networksFound);
    } catch {
      setup.networks = ""; // one from before is still under way
    }
  }
}

/** They are found: the strongest of each name, as JSON. */
export function listNetworks(found: AccessPoint[]): void {
  let names = "\n";
  setup.networks = "";
  for (let n = 0; n < MOST_NETWORKS && found.length; n++) {
    let best = 0;
    for (let i = 1; i < found.length; i++) {
      if (found[i].rssi > found[best].rssi) {
        best = i;
      }
    }
    const network = found.splice(best, 1)[0];
    // Hidden ones have no name.
    if (network.ssid && names.split("\n").indexOf(network.ssid) < 0) {
      names += network.ssid + "\n";
      setup.networks +=
        (setup.networks ? "," : "") + "[" + quote(network.ssid) + "," + network.rssi + "," + quote(network.authMode) + "]";
    }
  }
}

/** What the page shows, as JSON: no secret is among it. */
export function state(): string {
  const known = setting(variable("Board.WifiSsid"));
  return (
    '{"model":' +
    quote(MODEL + " " + SERIAL_NUMBER) +
    ',"ssid":' +
    quote(known) +
    ',"url":' +
    quote(known ? setting(variable("NetworkConfiguration.OcppCsmsUrl[1]")).split(" ")[0] : "") +
    ',"id":' +
    quote(known ? setting(variable("SecurityCtrlr.Identity")) : "") +
    ',"version":' +
    quote(setting(variable("NetworkConfiguration.OcppVersion[1]"))) +
    ',"amps":' +
    evses.limit / 1000 +
    ',"haveKey":' +
    (setting(variable("Board.WifiPassword")) !== "") +
    ',"havePassword":' +
    (setting(variable("SecurityCtrlr.BasicAuthPassword")) !== "") +
    ',"scanning":' +
    (setup.networks === " ") +
    ',"networks":[' +
    setup.networks +
    '],"trial":' +
    setup.trial +
    ',"verdict":' +
    quote(setup.verdict) +
    ',"left":' +
    setup.left +
    "}"
  );
}
