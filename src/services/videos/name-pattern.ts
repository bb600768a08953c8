/**
 * An instruction of a compiled pattern: it takes a character (undefined: any one), continues at several places at the same time, or
 * continues only at the beginning of a name or of a folder's name.
 */
type Instruction =
  | { readonly take: string | undefined }
  | { readonly goTo: readonly number[] }
  | { readonly atSegment: true };

/** A list of alternatives that is being compiled. */
interface OpenGroup {
  readonly opening: number;
  readonly alternatives: number[];
  /** The last instruction of each alternative but the last one. */
  readonly ends: number[];
}

/**
 * Compiles a pattern for names: `*` stands for any characters, `?` for one, a folder `**` for any folders or none, and `{a,b}` for one of
 * the texts in braces, which may be patterns. Alternatives are not multiplied: the pattern is compiled once, and a comparison takes at most
 * as many steps as name and pattern have characters multiplied.
 *
 * @returns whether a name matches, which has slashes between its folders
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const places = new Places(compile([...pattern.normalize()]));
  return (name) => places.match([...name.normalize()]);
}

function compile(characters: readonly string[]): Instruction[] {
  const isOfGroup = groupCharacters(characters);
  const program: Instruction[] = [];
  const open: OpenGroup[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at];
    const group = open.at(-1);
    if (character === "{" && isOfGroup.has(at)) {
      open.push({ opening: program.length, alternatives: [program.length + 1], ends: [] });
      program.push({ goTo: [] });
    } else if (group && character === "," && isOfGroup.has(at)) {
      group.ends.push(program.length);
      group.alternatives.push(program.length + 1);
      program.push({ goTo: [] });
    } else if (group && character === "}" && isOfGroup.has(at)) {
      open.pop();
      program[group.opening] = { goTo: group.alternatives };
      for (const end of group.ends) {
        program[end] = { goTo: [program.length] };
      }
    } else if (character === "*") {
      const here = program.length;
      program.push({ goTo: [here + 1, here + 3] }, { take: undefined }, { goTo: [here] });
      if (isAnyFolders(characters, at)) {
        program.push({ atSegment: true });
        at += 2;
      }
    } else {
      program.push({ take: character === "?" ? undefined : character });
    }
  }
  return program;
}

/** Whether `**` and a slash are there. After a character, any folders or none are the same as any characters and a slash. */
function isAnyFolders(characters: readonly string[], at: number): boolean {
  const isAfterWildcard = characters[at - 1] === "*" || characters[at - 1] === "?";
  return !isAfterWildcard && characters[at + 1] === "*" && characters[at + 2] === "/";
}

/** The positions of braces and commas that separate alternatives. A brace that is not closed, or has no comma, is a character. */
function groupCharacters(characters: readonly string[]): Set<number> {
  const found = new Set<number>();
  const open: number[][] = [];
  for (const [at, character] of characters.entries()) {
    if (character === "{") {
      open.push([at]);
    } else if (character === ",") {
      open.at(-1)?.push(at);
    } else if (character === "}") {
      const group = open.pop() ?? [];
      if (group.length > 1) {
        for (const one of [...group, at]) {
          found.add(one);
        }
      }
    }
  }
  return found;
}

/** The places of a program where a comparison may be, of which there may be thousands at the same time. */
class Places {
  readonly #program: readonly Instruction[];
  /** For each place the latest step that has reached it. */
  readonly #reachedAt: Uint32Array;
  #step = 0;
  #list: number[] = [];

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#reachedAt = new Uint32Array(program.length + 1);
  }

  /** Compares a name: each place is visited at most once per character. */
  match(name: readonly string[]): boolean {
    this.#step = 0;
    this.#reachedAt.fill(0);
    this.#reach([0], true);
    for (const character of name) {
      if (this.#list.length === 0) {
        return false;
      }
      this.#reach(this.#after(character), character === "/");
    }
    return this.#reachedAt[this.#program.length] === this.#step;
  }

  #after(character: string): number[] {
    const next: number[] = [];
    for (const place of this.#list) {
      const instruction = this.#program[place];
      if (instruction && "take" in instruction && (instruction.take ?? character) === character) {
        next.push(place + 1);
      }
    }
    return next;
  }

  /** Adds the places that can be reached from others without taking a character. */
  #reach(from: readonly number[], isAtSegment: boolean): void {
    this.#step += 1;
    this.#list = [];
    this.#add(from);
    // The list grows on the way.
    for (const place of this.#list) {
      const instruction = this.#program[place];
      if (instruction && "goTo" in instruction) {
        this.#add(instruction.goTo);
      } else if (instruction && "atSegment" in instruction && isAtSegment) {
        this.#add([place + 1]);
      }
    }
  }

  #add(places: readonly number[]): void {
    for (const place of places) {
      if (this.#reachedAt[place] !== this.#step) {
        this.#reachedAt[place] = this.#step;
        this.#list.push(place);
      }
    }
  }
}
