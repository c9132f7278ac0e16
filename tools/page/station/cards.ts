/** The cards that lie beside the reader. What the embedded CSMS says of them: tools/csms/answers.ts; another one may see them otherwise. */

export interface Card {
  name: string;
  idToken: string;
  type: string;
  /** What the embedded CSMS thinks of it. */
  verdict: string;
  accepted: boolean;
}

function card(name: string, idToken: string, verdict: string): Card {
  return { name, idToken, type: "ISO14443", verdict, accepted: verdict.startsWith("accepted") };
}

export const CARDS: readonly Card[] = [
  card("Anna", "04A1B2C3", "accepted"),
  card("Ben", "04D4E5F6", "accepted"),
  card("Fleet 1", "AA000001", "accepted, group AA"),
  card("Fleet 2", "AA000002", "accepted, group AA"),
  card("Unknown", "DEADBEEF", "invalid"),
  card("Stolen", "B10C0001", "blocked"),
  card("Old", "E1000001", "expired"),
  card("In use", "C0C00001", "charges elsewhere"),
];

/** Types that `POST /tap` takes, IdTokenEnumType of OCPP 2.0.1. */
export const TOKEN_TYPES = ["ISO14443", "ISO15693", "KeyCode", "Local", "Central", "eMAID", "MacAddress"];

/** The name of a card, or its number. */
export function cardName(idToken: string): string {
  const known = CARDS.find((one) => one.idToken.toUpperCase() === idToken.toUpperCase());
  return known ? `${known.name}’s card` : `card ${idToken}`;
}
