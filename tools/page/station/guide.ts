/** What a person can do next at an EVSE, in a sentence, and the step that a button does for them. */
import type { EvseState, StationModel } from "./model.ts";

export type Step = "plug" | "card" | "draw" | "unplug" | "repair" | "power" | "network";

export interface Advice {
  text: string;
  /** The step to do, with the label of its button; null: there is nothing to press. */
  step: Step | null;
  label: string;
}

function advice(text: string, step: Step | null = null, label = ""): Advice {
  return { text, step, label };
}

export function adviceFor(evse: EvseState, model: StationModel): Advice {
  const { state, view } = model;
  if (!state || !view) return advice("Asking the station …");
  const { fault = null } = view.evses.find(({ id }) => id === evse.id) ?? {};
  const cut = view.network.up && !view.network.stalled ? "" : " The network is cut.";
  if (!state.powered)
    return advice("The power is off. The station has kept what it must on flash.", "power", "Switch the power on");
  if (fault !== null) return advice(`Something is broken: ${fault}.`, "repair", "Repair it");
  if (evse.transactionId !== null) return charging(evse, model, cut);
  if (state.registration === "Rejected") return advice("The CSMS has refused this station. It will ask again.");
  if (!state.online && cut !== "") {
    return advice(`${cut.trim()} Nobody can say whether a card is good.`, "network", "Connect the network");
  }
  if (state.registration !== "Accepted") return advice("The station is connecting to its CSMS …");
  if (evse.status === "Unavailable") return advice("The CSMS has taken this charging point out of service.");
  if (!evse.plugged || evse.pilot === "A") {
    const wrong = evse.plugged ? "The cable hangs from the socket; the car is not connected." : "A car has come.";
    return advice(wrong, "plug", "Plug the cable in");
  }
  if (model.ended.has(evse.id) && !evse.locked) {
    const energy = model.sessionWh(evse);
    return advice(energy === null ? "Done." : `Done: the car has got ${kilo(energy, 3)} kWh.`, "unplug", "Unplug the cable");
  }
  if (evse.limitAmps > 0 || evse.locked)
    return advice("The card is good. The car may charge when it wants to.", "draw", "Let the car charge");
  return advice("The cable is in. Who pays?", "card", "Present a card");
}

function charging(evse: EvseState, model: StationModel, cut: string): Advice {
  const { state, view } = model;
  const waiting = state?.queue.events ?? 0;
  if (cut !== "") {
    const kept = waiting > 0 ? ` ${waiting} events wait on flash and will be sent later.` : "";
    return advice(
      `${evse.amps > 0 ? "It goes on charging." : "The transaction goes on."}${cut}${kept}`,
      "network",
      "Connect the network",
    );
  }
  if (view?.cut)
    return advice(
      "The power will fail while the station writes to flash: let time pass, or present the card.",
      "card",
      "Present the card",
    );
  if (evse.amps === 0 && evse.pilot !== "C") {
    const before = model.sessionWh(evse) ?? 0;
    return advice(
      before > 0 ? "The car takes a break." : "The card is good. Now the car may take energy.",
      "draw",
      "Let the car charge",
    );
  }
  if (evse.amps === 0) return advice("The car waits for energy.", "card", "Stop: present the card");
  const power = kilo(evse.amps * 230, 2);
  return advice(
    `Charging with ${power} kW. Try it: pull the network, or switch the power off.`,
    "card",
    "Stop: present the card",
  );
}

/** Thousands, with that many digits behind the point. */
export function kilo(value: number, digits: number): string {
  return (value / 1000).toFixed(digits);
}
