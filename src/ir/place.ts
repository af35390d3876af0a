/** A place in the user's files; lines and columns count from 1. */
export interface Place {
  /** As the engine names it: a path or an address, without what a loader put behind it. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/**
 * The places of a stack, innermost first, as the engines write it: V8 (`at name (file:1:2)`; Bun writes so too), and
 * JavaScriptCore and SpiderMonkey (`name@file:1:2`). Frames without a file are left out; code made from a string that has
 * no name of its own stands where it was made.
 */
export function placesOf(stack: string): Place[] {
  const lines = stack.split('\n')
  const calls = lines.filter((line) => V8_FRAME.test(line))
  const locations = calls.length > 0 ? calls.map(v8Location) : lines.map(atLocation)
  return locations.flatMap((location) => placeAt(location) ?? [])
}

const V8_FRAME = /^\s+at /

/** `at name (location)`, or `at location`: a name holds no brackets, a path may. */
function v8Location(frame: string): string {
  const call = frame.replace(/^\s+at (?:async )?/, '').trimEnd()
  if (!call.endsWith(')')) return call
  let location = behindBracket(call.slice(0, -1))
  if (!location.startsWith('eval at ')) return location
  // `eval at name (location), <anonymous>:1:2`, where the location may be such a one again.
  while (location.startsWith('eval at ')) location = behindBracket(location)
  return location.replace(/\)+, <anonymous>.*$/, '')
}

const behindBracket = (text: string): string => text.slice(text.indexOf(' (') + 2)

/** `name@location`, whose name may be empty; Safari once left out the sign as well. */
function atLocation(frame: string): string {
  const text = frame.trim()
  const location = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : text.slice(text.indexOf('@') + 1)
  // `file line 3 > eval:1:2`: no column is known of the line that made it.
  const made = /^(.*?) line (\d+) > \w/.exec(location)
  return made ? `${made[1]}:${made[2]}:1` : location
}

function placeAt(location: string): Place | undefined {
  const match = /^(.+):(\d+):(\d+)$/.exec(location)
  if (!match || ENGINE.test(match[1]!)) return undefined
  return { file: withoutLoader(match[1]!), line: Number(match[2]), column: Number(match[3]) }
}

/** What engines call their own code. */
const ENGINE = /^(?:node:|bun:|ext:|internal:|resource:|chrome:|native$|self-hosted$|<anonymous>$|\[native code\]$)/

/** Loaders and development servers tell the versions of a file apart by a query: it is no part of the file's name. */
function withoutLoader(file: string): string {
  const [path, query] = splitAt(file, '?')
  if (query === undefined) return file
  const rest = query.split('&').filter((part) => !/^(?:t|v|import|namespace|tsx-namespace)(?:=|$)/.test(part))
  return rest.length > 0 ? `${path}?${rest.join('&')}` : path
}

function splitAt(text: string, sign: string): [before: string, behind?: string] {
  const i = text.indexOf(sign)
  return i < 0 ? [text] : [text.slice(0, i), text.slice(i + sign.length)]
}

/** Of one letter it is a drive. */
const ADDRESS = /^[a-z][a-z\d+.-]+:/i

/** The last part of a path or an address, as people write it. */
export function fileName(file: string): string {
  const isAddress = ADDRESS.test(file)
  const path = isAddress ? splitAt(splitAt(file, '?')[0], '#')[0] : file
  const name = path.slice(folderOf(path).length)
  return (isAddress ? decoded(name) : name) || file
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)

/**
 * Tells files of the library from others, by the file this is called from: in a bundle its folder is the whole library, in
 * the sources it is `ir`. ES modules are named by addresses and CommonJS by paths, so that both are compared as paths: the
 * library may be there twice, once as each. Files that have no folder, and blobs, which share none, are only themselves.
 */
export function libraryOf(own: string): (file: string) => boolean {
  const folder = folderOf(pathOf(own)).replace(/\/ir\/$/, '/')
  if (folder === '' || /^(?:blob|data):/.test(own)) return (file) => file === own
  // A few files are asked for again and again.
  const known = new Map<string, boolean>()
  return (file) => {
    const found = known.get(file) ?? pathOf(file).startsWith(folder)
    known.set(file, found)
    return found
  }
}

/** The path of a file, with slashes; what is no file of this machine keeps its address, but for a query. */
function pathOf(file: string): string {
  const isAddress = ADDRESS.test(file)
  const name = isAddress ? splitAt(file, '?')[0] : file
  const address = /^file:\/\/[^/]*(\/.*)$/i.exec(name)
  const path = address ? decoded(address[1]!).replace(/^\/(?=[a-z]:)/i, '') : name
  return path.replaceAll('\\', '/')
}
