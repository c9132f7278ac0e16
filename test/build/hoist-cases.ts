/** Functions whose variables the engine would not find: planted ones with what the repair makes of them, and random ones. */
import fc from "fast-check";

export const HOIST_CASES: readonly [title: string, before: string, after: string][] = [
  ["leaves a var that every use follows", "function f(a){var b=a;return b}", "function f(a){var b=a;return b}"],
  ["moves a var out of a branch", "function f(a){if(a)var b=1;return b}", "function f(a){var b;if(a)b=1;return b}"],
  [
    "moves a var without value out of a branch",
    "function f(a){if(a)var b;b=1;return b}",
    "function f(a){var b;if(a);b=1;return b}",
  ],
  [
    "leaves a var that a block keeps to itself",
    "function f(a){if(a){var b=1;return b}return 2}",
    "function f(a){if(a){var b=1;return b}return 2}",
  ],
  ["moves a var that is used before its line", "function f(){b=1;var b;return b}", "function f(){var b;b=1;;return b}"],
  [
    "moves a var that a closure reads",
    "function f(a){a.map(function(c){return c+b});var b=1}",
    "function f(a){var b;a.map(function(c){return c+b});b=1}",
  ],
  [
    "moves only what has to",
    "function f(a){if(a){var b=1,c=2,d=3;a=b+d}return c}",
    "function f(a){var c;if(a){var b=1;c=2;var d=3;a=b+d}return c}",
  ],
  [
    "leaves the head of a loop, and a second one of the same name",
    "function f(){for(var i=0;i<2;i++);for(var i=0;i<3;i++);}",
    "function f(){for(var i=0;i<2;i++);for(var i=0;i<3;i++);}",
  ],
  [
    "moves the whole head of a loop in a branch",
    "function f(a){if(a)for(var i=0,n=a;i<n;i++);return i}",
    "function f(a){var i,n;if(a)for(i=0,n=a;i<n;i++);return i}",
  ],
  [
    "moves the variable of for…in that is read after it",
    "function f(o){for(var k in{x:o});return k}",
    "function f(o){var k;for(k in{x:o});return k}",
  ],
  [
    "moves a var out of a case that another case reads",
    "function f(a){switch(a){case 1:var b=1;break;case 2:b=2}}",
    "function f(a){var b;switch(a){case 1:b=1;break;case 2:b=2}}",
  ],
  [
    "moves a var out of try",
    "function f(){try{var a=g()}catch(e){return a}}",
    "function f(){var a;try{a=g()}catch(e){return a}}",
  ],
  [
    "moves a var out of catch",
    "function f(){try{g()}catch(e){var a=e;print(a)}}",
    "function f(){var a;try{g()}catch(e){a=e;print(a)}}",
  ],
  ["looks into every function", "(function(a){if(a)var b=1;return b})", "(function(a){var b;if(a)b=1;return b})"],
  [
    "moves a var out of a loop's body that its test reads",
    "function f(){do{var a=1}while(a<1)}",
    "function f(){var a;do{a=1}while(a<1)}",
  ],
];

/** Statements over four variables; `d` bounds the nesting. */
const { statement } = fc.letrec<{ statement: string; block: string }>((tie) => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const value = fc.oneof(
    name,
    fc.integer({ min: 0, max: 3 }).map(String),
    fc.tuple(name, name).map(([x, y]) => `(${x}|0)+(${y}|0)`),
  );
  const inner = tie("block");
  return {
    block: fc.array(tie("statement"), { minLength: 1, maxLength: 3 }).map((list) => `{${list.join("")}}`),
    statement: fc.oneof(
      { maxDepth: 3, depthSize: "small" },
      fc.tuple(name, value).map(([x, v]) => `${x}=${v};`),
      fc.tuple(name, value).map(([x, v]) => `var ${x}=${v};`),
      name.map((x) => `var ${x};`),
      fc.tuple(name, name, value).map(([x, y, v]) => `var ${x},${y}=${v};`),
      name.map((x) => `r.push(${x}|0);`),
      fc.tuple(value, inner).map(([v, s]) => `if(${v})${s}`),
      fc.tuple(value, inner, inner).map(([v, s, t]) => `if(${v})${s}else ${t}`),
      fc.tuple(name, inner).map(([x, s]) => `for(var ${x}=0,n=0;n<2;n++)${s}`),
      fc.tuple(name, inner).map(([x, s]) => `for(var ${x} in {1:0,2:0})${s}`),
      fc.tuple(name, inner, inner).map(([x, s, t]) => `switch(${x}){case 1:${s.slice(1, -1)}break;default:${t.slice(1, -1)}}`),
      fc.tuple(inner, inner).map(([s, t]) => `try${s}catch(e)${t}`),
      fc.tuple(name, name, inner).map(([x, y, s]) => `[1].map(function(${x}){r.push(${y}|0);${s}});`),
      fc.tuple(value, name).map(([v, x]) => `if(${v}){return ${x}|0}`),
    ),
  };
});

/** Random functions of one parameter `p` that write what they see to the global list `r`. */
export const RANDOM_FUNCTION = fc
  .array(statement, { minLength: 2, maxLength: 6 })
  .map((list) => `function(p){var n;${list.join("")}return (a|0)+(b|0)*5+(c|0)*25+(d|0)*125;var a,b,c,d}`);
