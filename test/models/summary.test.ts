import { explain } from 'gradloom/inspect'
import { input, layers, model, sequential, summary } from 'gradloom/nn'
import { describe, expect, it, vi } from 'vitest'
import { KINDS } from './zoo'

/** Cells of a table, lines that belong together joined. */
const rowsOf = (text: string): string[][] =>
  text
    .split(/\n[├└┡].*/)
    .slice(1)
    .map((part) => part.split('\n').filter((line) => line.startsWith('│')))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const cells = lines.map((line) => line.split('│').slice(1, -1))
      return cells[0]!.map((_, i) => cells.map((c) => c[i]!.trimEnd().replace(/^ /, '')).join('; ').replace(/(; )+$/, '').trim()) // prettier-ignore
    })
const sums = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^ (.*): (.*)$/gm)].map(([, key, value]) => [key!, value!]))
const count = (text: string): number => Number(text.replaceAll(',', ''))

describe('a summary', () => {
  it('of a chain', () => {
    const net = sequential(
      [
        layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [28, 28, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.batchNormalization({ trainable: false }),
        layers.dense({ units: 10 }),
      ],
      { name: 'digits' },
    )
    const text = summary(net)
    expect(text.split('\n')[0]).toBe('Model: "digits"')
    expect(
      new Set(
        text
          .split('\n')
          .slice(1, -4)
          .map((line) => line.length),
      ).size,
    ).toBe(1)
    const rows = rowsOf(text)
    expect(rows.map(([name, shape, weights]) => [name, shape, weights])).toEqual([
      ['conv2d (Conv2D)', '[null, 26, 26, 8]', '80'],
      ['max_pooling2d (MaxPooling2D)', '[null, 13, 13, 8]', '0'],
      ['flatten (Flatten)', '[null, 1352]', '0'],
      ['batch_normalization (BatchNormalization)', '[null, 1352]', '5,408'],
      ['dense (Dense)', '[null, 10]', '13,530'],
    ])
    // A multiplication and an addition for each term, and an addition for each bias; three comparisons of four.
    expect(count(rows[0]![3]!)).toBe(26 * 26 * 8 * (2 * 9 + 1))
    expect(count(rows[1]![3]!)).toBe(13 * 13 * 8 * 3)
    expect(count(rows[2]![3]!)).toBe(0)
    expect(count(rows[4]![3]!)).toBe(10 * (2 * 1352 + 1))
    expect(sums(text)).toMatchObject({
      'Total params': '19,018',
      'Trainable params': '13,610',
      'Non-trainable params': '5,408',
    })
  })

  it.each(Object.entries(KINDS))('adds up: %s', (_, kind) => {
    const net = kind.make()
    const text = summary(net, { openExtent: 6 })
    const rows = rowsOf(text)
    const total = sums(text)
    expect(count(total['Total params']!)).toBe(net.countParams())
    expect(rows.reduce((sum, row) => sum + count(row[2]!), 0)).toBe(net.countParams())
    expect(rows.reduce((sum, row) => sum + count(row[3]!), 0)).toBe(count(total['FLOPs of a sample']!))
    for (const [name] of rows)
      expect([...net.inputNames, ...net.layers.map((l) => l.name)]).toContain(name!.split(' ')[0])
  })

  it('counts as explain does', () => {
    for (const name of ['a stack', 'models in a model', 'several inputs, outputs and a shared layer']) {
      const net = KINDS[name]!.make()
      net.compile({ loss: 'mse', fuse: false, target: 'js', threads: 1 })
      const { flops } = explain(net.program.predict, { bindings: { B: 1 } })
      expect(count(sums(summary(net))['FLOPs of a sample']!), name).toBe(flops)
    }
  })

  it('counts every turn of a loop, and a sample of a batch', () => {
    const flops = (steps: number, batch: number | null): number => {
      const net = sequential([input({ batchShape: [batch, steps, 3] }), layers.lstm({ units: 4 })])
      return count(sums(summary(net))['FLOPs of a sample']!)
    }
    expect(flops(6, null) - flops(4, null)).toBe(flops(4, null) - flops(2, null))
    expect(flops(6, null)).toBeGreaterThan(flops(4, null))
    expect(flops(4, 8)).toBe(flops(4, null))
  })

  it('says what it does not know, and from where a layer takes what', () => {
    const a = input({ shape: [null, 2], name: 'a' })
    const [all, last] = layers.lstm({ units: 2, returnSequences: true, returnState: true })(a)
    const net = model({ inputs: a, outputs: layers.add()([layers.globalAveragePooling1d()(all!), last!]) })
    expect(rowsOf(summary(net))).toEqual([
      ['a (InputLayer)', '[null, null, 2]', '0', '0', '-'],
      ['lstm (LSTM)', '[null, null, 2]; [null, 2]; [null, 2]', '40', '?', 'a'],
      ['global_average_pooling1d (GlobalAveragePooling1D)', '[null, 2]', '0', '?', 'lstm[0]'],
      ['add (Add)', '[null, 2]', '0', '?', 'global_average_pooling1d; lstm[1]'],
    ])
    expect(summary(net)).toContain('FLOPs of a sample: not known, extents are open')
    expect(summary(net, { openExtent: 5 })).not.toContain('?')
  })

  it('shows models inside indented', () => {
    const net = KINDS['models in a model']!.make()
    expect(rowsOf(summary(net)).map((row) => row[0])).toEqual([
      'input (InputLayer)',
      'block (Sequential)',
      'functional (Functional)',
      'multiply (Multiply)',
    ])
    const text = summary(net, { expandNested: true })
    expect(text).toContain('│   dense_1 (Dense) ')
    expect(rowsOf(text).length).toBe(10)
  })

  it('is printed by the method', () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    const net = KINDS['a stack']!.make()
    net.summary()
    expect(print.mock.calls).toEqual([[summary(net)]])
    print.mockRestore()
  })

  it('refuses', () => {
    expect(() => summary(sequential([layers.dense({ units: 1 })]))).toThrow('what samples look like')
    const net = KINDS['a stack']!.make()
    expect(() => summary(net, { openExtent: 0 })).toThrow('openExtent must be a whole number from 1, it is 0')
    expect(() => summary(net, { expand: true } as never)).toThrow('unknown option "expand"')
  })
})
