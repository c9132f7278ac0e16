/**
 * The one connection and its states, each with its own time limit (OCPP Part 4, 5.3; RPC-02, RPC-11, RPC-13).
 * What happens at the borders of the states is in `connect.ts`.
 */
import { callTimedOut, connect, lost, ping } from "./connect";
import type { OpNumber } from "./overlay";
import { rpc } from "./rpc";

export const enum Connection {
  Down,
  Upgrading,
  Open,
  Draining,
}

export const connection = {
  state: Connection.Down as Connection,
  /** Seconds until the state ends by itself: back-off, upgrade limit, drain limit. */
  left: 0,
  /** Failed attempts since the last success; -1 before the first attempt. */
  fails: -1,
  socket: undefined as Socket | undefined,
  /** Seconds until the next ping; 0 = no pings. */
  ping: 0,
  /** 1 when a ping is out and nothing has come since. */
  quiet: 0,
  /** Seconds without connection. */
  offline: 0,
  /** Network profile that is connected or being tried, and the last that worked; 0 none since boot, -1 it was overwritten since. */
  slot: 0,
  worked: 0,
  /** MessageTimeout of that profile, s. */
  timeout: 0,
  /** Protocol that the server chose; "" before the first connection. */
  protocol: "",
};

/** What the rooms above plug into the kernel: operations, by number. */
export const hooks = {
  /** (key) → text of a setting. */
  setting: 0 as OpNumber,
  /** (subprotocol) → true when it was offered; sets `rpc`'s operations. */
  choose: 0 as OpNumber,
  /** () after the connection is usable. */
  opened: 0 as OpNumber,
};

/** The socket has closed or failed. */
export function closed(): void {
  if (connection.state !== Connection.Down) {
    lost();
  }
}

/** One second has passed. */
export function connectionTick(): void {
  if (connection.state === Connection.Open) {
    if (connection.ping && !--connection.ping) {
      ping();
    }
    // While something of ours is being streamed answers are not read; a peer that takes nothing is found by the ping.
    if (rpc.call && !rpc.stream && !--rpc.left) {
      callTimedOut();
    }
    return;
  }
  connection.offline++;
  if (connection.left) {
    connection.left--;
  } else if (connection.state === Connection.Down) {
    connect();
  } else {
    lost();
  }
}
