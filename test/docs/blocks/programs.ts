import { basename } from 'node:path'
import { type Fence, fencesOf } from './fences'

/** What is between two blocks of one program: tells what the first has printed from what the second prints. */
export const BETWEEN = '--- next block ---'

export interface Part extends Fence {
  /** The block behind it that shows what it prints. */
  readonly printed: Fence | undefined
}
/** Commands of a shell, and the block behind them that shows what they print. */
export interface Commands extends Fence {
  readonly printed: Fence | undefined
}
/** Blocks that are one module, in order. */
export interface Program {
  readonly page: string
  readonly name: string
  readonly parts: Part[]
}
/** A block that is not run, and why. */
export interface Unrun extends Fence {
  readonly reason: string
}
export interface Page {
  readonly path: string
  readonly text: string
  readonly programs: readonly Program[]
  /** JavaScript that programs of the page load by its name: a worker. */
  readonly files: ReadonlyMap<string, string>
  readonly commands: readonly Commands[]
  readonly unrun: readonly Unrun[]
}

const CODE = /^(?:ts|js)$/
const PROGRAM = /^(?:(?<name>\w[\w-]*(?<file>\.js)?))?(?<continued>(?:^|\s+)continued)?$/
const UNRUN = /^(?:(?<before>.*?)\s*)?\bnot run: (?<reason>.+)$/

/**
 * What stands on a page. The words behind the language say what becomes of a block:
 *
 *     ts                 a program, run and type-checked
 *     ts name            the same, as the file name.ts, which other programs of the page can import
 *     ts continued       goes on with the program before it, in its scope
 *     ts name continued  goes on with that program
 *     js name.js         a file that programs of the page load
 *     ... prints         what the block before it prints, in any language
 *     sh                 commands; what they print may follow where they are `npx gradloom`, run beside the page's programs
 *     math               a formula, which is no code
 *     ... not run: why   shown only
 *
 * Anything else is an error, so that no block is left out by mistake.
 */
export function pageOf(path: string, text: string): Page {
  const programs: Program[] = []
  const files = new Map<string, string>()
  const [commands, unrun]: [Commands[], Unrun[]] = [[], []]
  /** The block whose output may follow. */
  let last: { parts: (Part | Commands)[]; at: number } | undefined
  const fail = (fence: Fence, what: string): never => {
    throw new Error(`${path}:${fence.line - 1}: ${what}`)
  }
  for (const fence of fencesOf(path, text)) {
    const { language, info } = fence
    const why = UNRUN.exec(info)?.groups
    if (why) {
      unrun.push({ ...fence, reason: why['reason']! })
      last = undefined
    } else if (info === 'prints') {
      if (!last) throw fail(fence, 'shows what is printed, and no program stands before it')
      last.parts[last.at] = { ...last.parts[last.at]!, printed: fence }
      last = undefined
    } else if (language === 'sh' && info === '')
      last = { parts: commands, at: commands.push({ ...fence, printed: undefined }) - 1 }
    else if (language === 'math' && info === '') continue
    else if (CODE.test(language)) {
      const { name, file, continued } = PROGRAM.exec(info)?.groups ?? fail(fence, `"${info}" says nothing known`)
      if (file) {
        files.set(name!, fence.body)
        continue
      }
      const given = name === 'continued' ? undefined : name
      const isContinued = continued !== undefined || name === 'continued'
      const known = given === undefined ? programs.at(-1) : programs.find((p) => p.name === given)
      if (isContinued && !known) fail(fence, 'continues a program that is not there')
      if (!isContinued && given !== undefined && known) fail(fence, `there is a program "${given}" already`)
      const program = isContinued
        ? known!
        : { page: path, name: given ?? `${basename(path, '.md')}-${programs.length + 1}`, parts: [] }
      if (!isContinued) programs.push(program)
      last = { parts: program.parts, at: program.parts.push({ ...fence, printed: undefined }) - 1 }
    } else
      fail(fence, `a block of ${language || 'no language'} is neither run nor said not to be: "prints", "not run: ..."`)
  }
  return { path, text, programs, files, commands, unrun }
}

/** The module that the blocks of a program are. */
export const moduleOf = (program: Program): string =>
  program.parts.map((p) => p.body).join(`console.log(${JSON.stringify(BETWEEN)})\n`)
