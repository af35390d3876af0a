import { commentText } from '../codegen/names'
import { fileName } from '../ir/place'
import type { KernelMention, LineProvenance, Provenance } from './provenance'

/** Lines of the model with what became of them, and kernels with their lines. */
export function provenanceText({ entry, lines, kernels }: Pick<Provenance, 'entry' | 'lines' | 'kernels'>): string {
  const files = [...new Set([...lines, ...kernels.flatMap((k) => k.lines)].map((l) => l.file))]
  const names = files.map(fileName)
  // Files of one name are told apart by their paths.
  const nameOf = (file: string): string =>
    names.filter((name) => name === fileName(file)).length > 1 ? file : fileName(file)
  const width = Math.max(...kernels.map((k) => k.kernel.length))
  const parts = files.map((file) => {
    const own = lines.filter((l) => l.file === file)
    return own.length === 0 ? '' : [nameOf(file), ...own.flatMap((l) => lineText(l, width))].join('\n')
  })
  const back = kernels.map(({ kernel, lines: from }) => {
    const list = from.map(({ file, line }) => `${nameOf(file)}:${line}`)
    return `  ${kernel.padEnd(width)}  ${list.join(', ') || 'no line is known'}`
  })
  const text = [entry, ...parts.filter((part) => part !== ''), ['kernels', ...back].join('\n')].join('\n\n')
  return text.split('\n').map(commentText).join('\n')
}

function lineText({ line, text, tensors, forward, gradients, updates }: LineProvenance, width: number): string[] {
  const rows = (title: string, found: readonly KernelMention[]): string[] =>
    found.map(({ kernel, formulas: [first, ...rest] }, i) => {
      const head = `${(i === 0 ? title : '').padEnd(11)}${first === undefined ? kernel : kernel.padEnd(width)}`
      const own = [first ?? '', ...rest].map((f) => (f === '' ? '' : `  ${f}`))
      return own.map((f, k) => (k === 0 ? `${head}${f}` : `${' '.repeat(11 + width)}${f}`)).join('\n')
    })
  const body = [
    ...tensors.map((t, i) => `${(i === 0 ? 'makes' : '').padEnd(11)}${t}`),
    ...rows('forward', forward),
    ...rows('gradients', gradients),
    ...rows('updates', updates),
  ].flatMap((row) => row.split('\n'))
  const number = String(line).padStart(5)
  const [first = '', ...rest] = text === undefined ? body : [text, ...body]
  const pad = text === undefined ? '       ' : '         '
  return [`${number}  ${first}`, ...rest.map((row) => `${pad}${row}`)]
}
