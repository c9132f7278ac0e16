/** What the budget reads from an engine's console, and on which engine it judges. */
import assert from "node:assert/strict";
import { parseHeap } from "../../tools/engine/heap.ts";
import { PROBE_VARIABLES, whyNoModel } from "../../tools/engine/model.ts";

/** As the model engine prints it; a text of the program holds what looks like structure. */
const TRACE = String.raw`
#1[r2,l1] Object { 
  #2[r1,l2] Name String [1 blocks] "\xFF"    #3[r1,l1] Object { 
      #6[r1,l2] Name String [2 blocks] "timers"        #8[r1,l1] Array(0) [ ] 
      #41[r1,l2] Name String [2 blocks] "HttpCC"        #40[r1,l0] Array(1) [ 
          #42[r1,l2] Name Integer 0            #30[r2,l0] ...
 
        ] 
      #44[r1,l2] Name String [2 blocks] "history"        #45[r1,l0] Array(1) [ 
          #46[r1,l2] Name Integer 0            #47[r1,l0] String [2 blocks] "print(1)"  
        ] 
    } 
  #14[r1,l2] Name String [1 blocks] "a"    #15[r1,l0] Function { return 
      #16[r1,l2] Name Param "\xFFx"         undefined 
      #17[r1,l2] Name String [1 blocks] "\xFFcod"        #18[r1,l0] FlashString [1 blocks] "b=\"#99[r1,l0] {\""  
    } 
  #20[r1,l2] Name String [1 blocks] "b" = int 5
  #21[r1,l2] Name String [1 blocks] "c"    #22[r1,l0] String [4 blocks] "a text of forty characters, say, or more"  
  #23[r1,l2] Name String [1 blocks] "d"    #24[r1,l0] Int32Array (offs 0, len 8)      #25[r1,l0] ArrayBuffer (offs 0, len 32)        #26[r1,l0] FlatString [4 blocks] "\0\0\0\0"    
  #29[r1,l2] Name String [1 blocks] "s"    #30[r2,l0] Object { 
      #31[r1,l2] Name String [2 blocks] "__proto__"        #32[r2,l0] Object { 
          #33[r1,l2] Name String [2 blocks] "constructor"            #34[r2,l0] ...
 
        } 
      #35[r1,l2] Name String [1 blocks] "sckt" = int 4
    } 
}`.split("\n");

describe("the list of everything in use", () => {
  const heap = parseHeap(TRACE);
  const holding = (name: string): [string, number] => {
    const { kind, variables } = heap.holdings.find((one) => one.name === name)!;
    return [kind, variables];
  };

  it("gives each global what hangs on it", () => {
    assert.deepEqual(holding("a"), ["function", 5]);
    assert.deepEqual(holding("b"), ["value", 1]);
    assert.deepEqual(holding("c"), ["text", 5]);
    assert.deepEqual(holding("d"), ["array", 7]);
  });

  it("leaves the class of a socket to all sockets", () => assert.deepEqual(holding("s"), ["socket", 5]));

  it("counts no typed lines and nothing twice", () => {
    assert.deepEqual(holding("\\xFF"), ["value", 9]);
    // The root and the prototype stand under no name.
    assert.equal(heap.total, 9 + 5 + 1 + 5 + 7 + 5 + 1 + 3);
  });
});

describe("the model of the ESP32", () => {
  const probe = (levels: number, more: object = {}): { total: number; blocksize: number; levels: number } => ({
    total: PROBE_VARIABLES,
    blocksize: 14,
    levels,
    ...more,
  });

  it("is known by its variables and its stack", () => assert.equal(whyNoModel([probe(47), probe(29)]), null));
  it("has as many variables as it is told", () =>
    assert.match(whyNoModel([probe(47, { total: 4096 }), probe(29)])!, /total is 4096 and not the 1777 of JSVARS/));
  it("has variables of 14 bytes", () =>
    assert.equal(whyNoModel([probe(47, { blocksize: 27 }), probe(29)]), "a variable has 27 bytes and not 14"));
  it("has a stack that ends where it is told", () =>
    assert.match(whyNoModel([probe(1900), probe(1900)])!, /does not limit the stack/));
});
