/** Words that no target accepts as a name, or that generated code uses itself. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'abstract any arguments as async await bigint boolean break case catch class const continue debugger declare default ' +
    'delete do double else enum eval export extends false final finally float for from function get goto if implements ' +
    'import in instanceof int interface is let long module namespace native never new null number object of package ' +
    'private protected public return require set short static string super switch symbol synchronized this throw throws ' +
    'transient true try type typeof undefined unknown var void volatile while with yield globalThis window self process ' +
    'Object Array Math Number String Boolean Symbol Error TypeError Function Infinity NaN Float32Array Float64Array ' +
    'Int32Array Uint8Array BigInt64Array ArrayBuffer Map JSON atob feeds memory state step run hasOwnProperty toString valueOf ' +
    'constructor prototype'
  ).split(' '),
)
const MAX_LENGTH = 40
/** Names of buffers; with them, a position and a local fit on a line. */
const MAX_PATH = 32

/** A path without its first segments where it is too long for an identifier. */
export function shortPath(name: string): string {
  if (name.length <= MAX_PATH) return name
  const [, gradient, rest] = /^((?:d_)*)([^]*)$/.exec(name)!
  const segments = rest!.split('/')
  while (segments.length > 1 && gradient!.length + segments.join('/').length > MAX_PATH) segments.shift()
  return `${gradient}${segments.join('/')}`.slice(0, MAX_PATH)
}

/** ASCII letters, digits and underscores, whatever the user's name was. */
export function word(name: string): string {
  const clean = name
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, MAX_LENGTH)
  return clean === '' ? 'unnamed' : clean
}

/** A word that targets like C take for a name. */
export function identifier(name: string): string {
  const clean = word(name)
  const safe = /^\d/.test(clean) ? `_${clean}` : clean
  return RESERVED.has(safe) ? `${safe}_` : safe
}

/** Hands out unique identifiers, or words of another spelling; `outer` names are taken already. */
export class Namer {
  private readonly taken: Set<string>
  private readonly counts = new Map<string, number>()

  constructor(
    outer: Iterable<string> = [],
    private readonly spelled: (wish: string) => string = identifier,
  ) {
    this.taken = new Set(outer)
  }

  unique(wish: string): string {
    const base = this.spelled(wish)
    let name = base
    for (let n = this.counts.get(base) ?? 2; this.taken.has(name); n++) {
      name = `${base}_${n}`
      this.counts.set(base, n + 1)
    }
    this.taken.add(name)
    return name
  }

  names(): Iterable<string> {
    return this.taken
  }
}

/** Text that stays inside a line comment: no line ends, no control characters, no end of a block comment. */
export const commentText = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g, ' ')
    .replace(/\*\//g, '* /')

/** The one way in which numbers become text. */
export function numberText(value: number): string {
  if (value !== value) return 'NaN'
  if (value === Infinity) return 'Infinity'
  if (value === -Infinity) return '-Infinity'
  if (Object.is(value, -0)) return '-0'
  return String(value).replace('e+', 'e')
}
