import { compile, entry, GraphError, neg, recordSites, tensor } from 'gradloom'
import { type KernelMention, provenance } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/inspect/provenance'
import { expectFault } from '../fault'
import { lined, lineWith, text } from './lined'

describe('provenance', () => {
  const { train } = lined()
  const found = provenance(train, { bindings: { B: 32 }, text: { 'lined.ts': text } })
  const at = (part: string) => found.lines.find((l) => l.line === lineWith(part))!
  const names = (mentions: readonly KernelMention[]) => mentions.map((m) => m.kernel)

  it('says of a line what it made, and the kernels of its values, gradients and updates', () => {
    const line = at('const h =')
    expect(line.file).toMatch(/lined\.ts$/)
    expect(line.text).toBe("        const h = named('h', relu(add(z, b1)))")
    expect(line.tensors).toEqual(['h float32[32, 4] = relu(x · W1 + b1)'])
    expect(line.forward).toEqual([{ kernel: 'compute_h', formulas: ['h float32[32, 4] = relu(x · W1 + b1)'] }])
    expect(line.gradients).toHaveLength(1)
    expect(line.gradients[0]!.formulas[0]).toContain('[h > 0] ⊙ d_h')
    expect(line.updates).toEqual([{ kernel: 'update_b1', formulas: [expect.stringMatching(/^d_b1 float32\[4\] = /)] }])
  })

  it('finds the gradient of a product in the kernel that it is folded into', () => {
    expect(names(at('const z =').forward)).toEqual(['compute_h'])
    expect(at('const z =').updates).toEqual([
      { kernel: 'update_W1', formulas: [expect.stringMatching(/^d_W1 float32\[8, 4\] = xᵀ · /)] },
    ])
  })

  it('finds what writes a variable from where it is made, and from where it is updated', () => {
    const own = { kernel: 'update_W1', formulas: [expect.stringMatching(/^W1 float32\[8, 4\] = W1 - /)] }
    expect(at("variable('W1'")).toMatchObject({ tensors: ['W1 float32[8, 4]'], forward: [], updates: [own] })
    expect(at('updates: sgd').updates).toContainEqual(own)
    expect(names(at('updates: sgd').updates)).toEqual(['update_W1', 'update_b1'])
  })

  it('leads back from kernels to lines', () => {
    const linesOf = (name: string) => found.kernels.find((k) => k.kernel === name)!.lines.map((l) => l.line)
    expect(linesOf('compute_h')).toEqual([lineWith('const z ='), lineWith('const h =')])
    expect(linesOf('update_W1')).toEqual([lineWith('const z ='), lineWith('updates: sgd')])
    for (const { kernel, lines } of found.kernels) {
      expect(lines.length).toBeGreaterThan(0)
      for (const { line } of lines) {
        const from = found.lines.find((l) => l.line === line)!
        expect(names([...from.forward, ...from.gradients, ...from.updates])).toContain(kernel)
      }
    }
  })

  it('reads well', () => {
    const shown = String(found).split('\n')
    expect(shown.slice(0, 4).map((line) => line.trim())).toEqual([
      'train',
      '',
      'lined.ts',
      `${lineWith("variable('W1'")}    const W1 = variable('W1', [8, 4], glorotUniform())`,
    ])
    expect(shown).toContain(`  compute_h         lined.ts:${lineWith('const z =')}, lined.ts:${lineWith('const h =')}`)
    const without = String(provenance(train, { bindings: { B: 32 } }))
    expect(without).toContain(`${lineWith('const h =')}  makes      h float32[32, 4] = relu(x · W1 + b1)\n`)
    expect(without).not.toContain('const h')
  })

  it('is plain data', () => {
    const { toString: _, ...data } = found
    expect(structuredClone(data)).toEqual(data)
  })

  it('refuses a model whose lines were not recorded', () => {
    recordSites(false)
    const run = compile(entry({ x: tensor([3]) }, ({ x }) => ({ outputs: { y: neg(x) } })))
    expectFault(() => provenance(run), GraphError, 'provenance: no tensor of "', 'recordSites(true)')
    recordSites(true)
  })

  it.each([
    ['/a/model.ts', '/a/model.ts', true],
    ['/a/model.ts', 'model.ts', true],
    ['/a/b/model.ts', 'b/model.ts', true],
    ['/a/my-model.ts', 'model.ts', false],
    ['/a/model.ts', '/b/model.ts', false],
    ['file:///a/my%20model.ts', '/a/my model.ts', true],
    ['/a/my model.ts', 'file:///a/my%20model.ts', true],
    ['C:\\a\\model.ts', 'a/model.ts', true],
    ['file:///C:/a/model.ts', 'C:\\a\\model.ts', true],
    ['http://a.org/src/model.ts', 'src/model.ts', true],
  ])('has the text of %s by %s: %s', (file, key, known) => {
    expect(textOf(file, { [key]: 'text' })).toBe(known ? 'text' : undefined)
  })
})
