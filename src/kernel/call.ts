/**
 * @overlay
 * The head of a CALL of ours (Part 4, 4.2.1; RPC-05), and the answer that most CALLs of the CSMS get.
 */
import { connection } from "./connection";
import { rpc } from "./rpc";

/** A text of at most 36 characters that this station has never made before: for message ids and transactionIds. */
export function newId(): string {
  return rpc.prefix + ++rpc.count;
}

/** Begin the CALL `action`; its payload is written behind. `call` is the protocol's number for it, not 0. */
export function beginCall(call: number, action: string): void {
  rpc.call = call;
  rpc.left = connection.timeout + 1; // the first second may be over at once
  rpc.id = newId();
  rpc.out = '[2,"' + rpc.id + '","' + action + '",';
}

/** Answer with `status` and nothing else. */
export function answer(status: string): void {
  rpc.out += '{"status":"' + status + '"}';
}
