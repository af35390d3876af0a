import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines, unifiedDiff } from '../../src/cli/lines-diff'

/** Few different lines, so that many are equal. */
const lines = fc.array(fc.constantFrom('a', 'b', 'c', '{', '}'), { maxLength: 24 })

/** The length of the longest common subsequence, by the table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const x of a) {
    const next = [0]
    b.forEach((y, j) => next.push(x === y ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!)))
    row = next
  }
  return row[b.length]!
}

/** What a patch makes of lines; every line that it names, and every place and count in its hunks, must be right. */
function applied(before: readonly string[], patch: string): string[] {
  const after: string[] = []
  let at = 0
  for (const hunk of patch.split(/^@@ /m).slice(1)) {
    const [head, ...body] = hunk.trimEnd().split('\n')
    const [, a, removed, b, added] = /^-(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(head!)!
    const [from, gone] = [Number(a), Number(removed ?? 1)]
    const start = gone === 0 ? from : from - 1
    after.push(...before.slice(at, start))
    at = start
    expect(after.length).toBe(added === '0' ? Number(b) : Number(b) - 1)
    const own = (sign: string): string[] => body.filter((line) => ` ${sign}`.includes(line[0]!)).map((l) => l.slice(1))
    expect(own('-')).toEqual(before.slice(at, at + gone))
    expect(own('+').length).toBe(Number(added ?? 1))
    after.push(...own('+'))
    at += gone
  }
  return [...after, ...before.slice(at)]
}

describe('a diff of lines', () => {
  test('leads from one text to the other by as few changes as there can be', () => {
    fc.assert(
      fc.property(lines, lines, (a, b) => {
        const changes = diffLines(a, b)
        const side = (not: string): string[] => changes.filter((c) => c.kind !== not).map((c) => c.line)
        expect(side('added')).toEqual(a)
        expect(side('removed')).toEqual(b)
        expect(changes.filter((c) => c.kind === 'same').length).toBe(common(a, b))
      }),
      { numRuns: 2000 },
    )
  })

  test('is a patch that applies', () => {
    fc.assert(
      fc.property(lines, lines, fc.integer({ min: 0, max: 3 }), (a, b, context) => {
        const text = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('')
        const patch = unifiedDiff({ name: 'before', text: text(a) }, { name: 'after', text: text(b) }, context)
        expect(patch === '').toBe(a.join() === b.join())
        expect(applied(a, patch)).toEqual(b)
      }),
    )
  })

  test('of long texts that differ everywhere takes no room for every pair of lines', () => {
    const a = Array.from({ length: 6000 }, (_, i) => `a ${i}`)
    const b = Array.from({ length: 6000 }, (_, i) => `b ${i}`)
    expect(diffLines(a, b).length).toBe(12000)
  })

  test('reads as people know it', () => {
    const before = { name: 'before', text: 'a\nb\nc\nd\ne\nf\ng\n' }
    expect(unifiedDiff(before, { name: 'after', text: 'a\nb\nc\nD\ne\nf\ng\nh\n' }, 1)).toBe(
      '--- before\n+++ after\n@@ -3,3 +3,3 @@\n c\n-d\n+D\n e\n@@ -7 +7,2 @@\n g\n+h\n',
    )
    expect(unifiedDiff(before, before)).toBe('')
  })
})
