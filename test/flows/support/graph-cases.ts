import type { FlowNode } from "./restarts.ts";

/** A flow in which the step `A` fails, and the steps that its error may reach. */
export interface GraphCase {
  readonly what: string;
  readonly nodes: readonly FlowNode[];
  /** The ids of the steps without the case's prefix; `*` if only the message knows them. */
  readonly to: readonly string[];
  /** Does not exist in Node-RED 4. */
  readonly since5?: true;
}

type Members = Record<string, unknown>;

const node = (id: string, type: string, wires: string[][] = [], more: Members = {}): FlowNode => ({
  id,
  type,
  z: "tab",
  x: 0,
  y: 0,
  wires,
  ...more,
});
const step = (id: string, z = "tab", wires: string[][] = [[]]): FlowNode =>
  node(id, "lightly-pexels-download", wires, { z, name: id, account: "" });
/** The nodes behind A's error. `drop` drops messages, so that no other steps are reached. */
const behindA = (...ids: string[]): FlowNode[] => [
  step("A"),
  node("catch", "catch", [["drop"]], { scope: ["A"] }),
  drop("drop", ids),
];
const drop = (id: string, ids: string[], z = "tab"): FlowNode =>
  node(id, "switch", [ids], { z, property: "payload", rules: [{ t: "eq", v: "never", vt: "str" }], checkall: "true" });
const linkIn = (id: string, links: string[], wires: string[], z = "tab"): FlowNode =>
  node(id, "link in", [wires], { z, name: id, links });
const linkOut = (id: string, links: string[], z = "tab"): FlowNode =>
  node(id, "link out", [], { z, mode: "link", links });
const returning = (id: string, z = "tab"): FlowNode => node(id, "link out", [], { z, mode: "return", links: [] });
const call = (id: string, target: string, wires: string[], z = "tab"): FlowNode =>
  node(id, "link call", [wires], { z, links: [target], linkType: "static", timeout: "1" });
const tab = (id: string): FlowNode => ({ id, type: "tab", label: id });

/** A subflow: `into` are the nodes after its input, `outs` the nodes before each of its outputs. */
const subflow = (id: string, into: string[], outs: string[][]): FlowNode => ({
  id,
  type: "subflow",
  name: id,
  in: [{ x: 0, y: 0, wires: into.map((to) => ({ id: to })) }],
  out: outs.map((from) => ({ x: 0, y: 0, wires: from.map((one) => ({ id: one, port: 0 })) })),
});
const instance = (id: string, of: string, wires: string[][], z = "tab"): FlowNode =>
  node(id, `subflow:${of}`, wires, { z });
const nothing = (id: string, wires: string[], z = "tab"): FlowNode =>
  node(id, "change", [wires], { z, rules: [{ t: "set", p: "x", pt: "msg", to: "1", tot: "str" }] });

export const GRAPH_CASES: readonly GraphCase[] = [
  { what: "nothing", nodes: behindA(), to: [] },
  { what: "a switch before a step", nodes: [...behindA("B"), step("B")], to: ["B"] },
  {
    what: "a link out to another tab",
    nodes: [
      ...behindA("out"),
      linkOut("out", ["in"]),
      tab("tab2"),
      linkIn("in", ["out"], ["B"], "tab2"),
      step("B", "tab2"),
    ],
    to: ["B"],
  },
  {
    what: "a link out behind which no step is",
    nodes: [...behindA("out"), linkOut("out", ["in"]), linkIn("in", ["out"], ["d"]), nothing("d", [])],
    to: [],
  },
  {
    what: "links that go in a circle",
    nodes: [...behindA("out"), linkOut("out", ["in"]), linkIn("in", ["out"], ["d", "out"]), nothing("d", ["d"])],
    to: [],
  },
  {
    what: "a link call that returns",
    nodes: [...behindA("call"), call("call", "in", ["B"]), linkIn("in", [], ["r"]), returning("r"), step("B")],
    to: ["B"],
  },
  {
    what: "a link call that never returns",
    nodes: [...behindA("call"), call("call", "in", ["B"]), linkIn("in", [], ["d"]), nothing("d", []), step("B")],
    to: [],
  },
  {
    what: "a link call with a step in what it calls",
    nodes: [
      ...behindA("call"),
      call("call", "in", ["B"]),
      linkIn("in", [], ["S"]),
      step("S", "tab", [["r"]]),
      returning("r"),
      step("B"),
    ],
    to: ["S"],
  },
  {
    what: "link calls within each other",
    nodes: [
      ...behindA("call"),
      call("call", "in", ["B"]),
      linkIn("in", [], ["call2"]),
      call("call2", "in2", ["r"]),
      linkIn("in2", [], ["r2"]),
      returning("r2"),
      returning("r"),
      step("B"),
    ],
    to: ["B"],
  },
  {
    what: "the return from a link call to those that call it, and to no other",
    nodes: [
      ...behindA("r"),
      linkIn("in", [], ["A"]),
      returning("r"),
      call("call", "in", ["B"]),
      call("other", "in2", ["C"]),
      linkIn("in2", [], ["r2"]),
      returning("r2"),
      step("B"),
      step("C"),
    ],
    to: ["B"],
  },
  {
    what: "a dynamic link call, of which only the message knows the target",
    nodes: [...behindA("call"), node("call", "link call", [["B"]], { links: [], linkType: "dynamic" }), step("B")],
    to: ["*", "B"],
  },
  {
    what: "a function that calls links",
    nodes: [
      ...behindA("f"),
      node("f", "function", [[]], { func: "await node.linkcall('in', msg); return msg;", outputs: 1 }),
    ],
    to: ["*"],
    since5: true,
  },
  {
    what: "a subflow with two outputs",
    nodes: [
      ...behindA("i"),
      subflow("sub", ["d"], [["d"], ["e"]]),
      nothing("d", ["e"], "sub"),
      nothing("e", [], "sub"),
      instance("i", "sub", [["B"], ["C"]]),
      step("B"),
      step("C"),
    ],
    to: ["B", "C"],
  },
  {
    what: "a subflow of which one output is reached",
    nodes: [
      ...behindA("i"),
      subflow("sub", ["d"], [["d"], ["e"]]),
      nothing("d", [], "sub"),
      nothing("e", [], "sub"),
      instance("i", "sub", [["B"], ["C"]]),
      step("B"),
      step("C"),
    ],
    to: ["B"],
  },
  {
    what: "a subflow that leads nowhere",
    nodes: [...behindA("i"), subflow("sub", ["d"], []), nothing("d", [], "sub"), instance("i", "sub", [])],
    to: [],
  },
  {
    what: "a subflow whose input is its output, inside another one",
    nodes: [
      ...behindA("i"),
      subflow("inner", [], [["inner"]]),
      subflow("outer", ["i2"], [["i2"]]),
      instance("i2", "inner", [[]], "outer"),
      instance("i", "outer", [["B"]]),
      step("B"),
    ],
    to: ["B"],
  },
  {
    what: "a subflow inside another one with a step in it",
    nodes: [
      ...behindA("i"),
      subflow("inner", ["S"], [["S"]]),
      step("S", "inner"),
      subflow("outer", ["i2"], [["i2"]]),
      instance("i2", "inner", [[]], "outer"),
      instance("i", "outer", [["B"]]),
      step("B"),
    ],
    to: ["i-i2-S"],
  },
  {
    what: "a link call inside a subflow",
    nodes: [
      ...behindA("i"),
      subflow("sub", ["call"], [["call"]]),
      call("call", "in", [], "sub"),
      linkIn("in", [], ["r"], "sub"),
      returning("r", "sub"),
      instance("i", "sub", [["B"]]),
      step("B"),
    ],
    to: ["B"],
  },
  {
    what: "a link out inside a subflow",
    nodes: [
      ...behindA("i"),
      subflow("sub", ["out"], [["in"]]),
      linkOut("out", ["in"], "sub"),
      linkIn("in", ["out"], [], "sub"),
      instance("i", "sub", [["B"]]),
      step("B"),
    ],
    to: ["B"],
  },
  {
    what: "a Catch node around the subflow that the step is in",
    nodes: [
      subflow("sub", ["A"], []),
      step("A", "sub"),
      instance("i", "sub", []),
      node("catch", "catch", [["drop"]], { scope: ["i"] }),
      drop("drop", ["B"]),
      step("B"),
    ],
    to: ["B"],
  },
  {
    what: "a Catch node inside the step's subflow, which keeps the error from the one around it",
    nodes: [
      subflow("sub", ["A"], [["drop"]]),
      step("A", "sub"),
      node("catch", "catch", [["drop"]], { scope: ["A"], z: "sub" }),
      drop("drop", [], "sub"),
      instance("i", "sub", [["B"]]),
      node("around", "catch", [["drop2"]], { scope: null }),
      drop("drop2", ["C"]),
      step("B"),
      step("C"),
    ],
    to: ["B"],
  },
  {
    what: "Catch nodes of another group, and of uncaught errors, behind one that hears",
    nodes: [
      { id: "g1", type: "group", z: "tab", nodes: ["A", "mine"], style: {}, x: 0, y: 0, w: 1, h: 1 },
      { id: "g2", type: "group", z: "tab", nodes: ["other"], style: {}, x: 0, y: 0, w: 1, h: 1 },
      { ...step("A"), g: "g1" },
      node("mine", "catch", [["d1"]], { scope: "group", g: "g1" }),
      node("other", "catch", [["d2"]], { scope: "group", g: "g2" }),
      node("rest", "catch", [["d3"]], { scope: null, uncaught: true }),
      drop("d1", ["B"]),
      drop("d2", ["C"]),
      drop("d3", ["D"]),
      step("B"),
      step("C"),
      step("D"),
    ],
    to: ["B"],
  },
];

/** A case as a separate tab with an address that starts the run with the case's number. */
export function flowOf({ nodes }: GraphCase, number: number): FlowNode[] {
  const prefix = `c${number}_`;
  const isIn = nodes.find(({ id }) => id === "A")?.z === "sub";
  const all: FlowNode[] = [
    tab("tab"),
    node("http", "http in", [["name"]], { url: `/case/${number}`, method: "post" }),
    node("name", "change", [[isIn ? "i" : "A", "answer"]], {
      rules: [{ t: "set", p: "runId", pt: "msg", to: `case-${number}`, tot: "str" }],
    }),
    node("answer", "http response", [], { statusCode: "200" }),
    ...nodes,
  ];
  const ids = new Set(all.map(({ id }) => id));
  return prefixed(all, (text) => {
    const [, kind = "", name = text] = /^(subflow:)?(.*)$/.exec(text) ?? [];
    return ids.has(name) && (kind !== "" || !TYPES.has(text)) ? `${kind}${prefix}${name}` : text;
  }) as FlowNode[];
}

/** Types that could also be ids. */
const TYPES = new Set(["tab", "subflow", "group", "catch"]);

function prefixed(value: unknown, of: (text: string) => string, key = ""): unknown {
  if (Array.isArray(value)) {
    return value.map((one) => prefixed(one, of, key));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, name === "type" ? typed(one, of) : prefixed(one, of, name)]),
    );
  }
  const isId = ["id", "z", "g", "wires", "links", "scope", "nodes"].includes(key);
  return typeof value === "string" && isId && !(key === "scope" && value === "group") ? idOf(value, of) : value;
}

const idOf = (text: string, of: (text: string) => string): string =>
  TYPES.has(text) ? of(`subflow:${text}`).replace("subflow:", "") : of(text);
const typed = (type: unknown, of: (text: string) => string): unknown =>
  typeof type === "string" && type.startsWith("subflow:") ? of(type) : type;
