import { describe, expect, it } from 'vitest'
import { compile, entry, GraphError, named, relu, sum, tensor } from 'gradloom'
import { inspect, profile } from 'gradloom/inspect'
import { report } from 'gradloom/report'
import { coursePlaces } from '../../src/report/thin'
import { mlp } from '../inspect/models'

const historyOf = (history: Readonly<Record<string, readonly number[]>>) => {
  const epochs = Math.max(0, ...Object.values(history).map((values) => values.length))
  return {
    epoch: Array.from({ length: epochs }, (_, i) => i),
    history,
    params: { epochs, steps: undefined, verbose: 0 },
  }
}
const curves = historyOf({
  loss: [2, 1, 0.5],
  accuracy: [0.1, 0.5, 0.9],
  val_loss: [2.5, 1.25, 1.5],
  val_accuracy: [0, 0.25, 0.75],
  learning_rate: [0.1, 0.1, 0.01],
})

const headings = (page: string) => [...page.matchAll(/<h([1-4])[^>]*>(.*?)<\/h\1>/g)].map((m) => m[2]!.replace(/<[^>]*>/g, '')) // prettier-ignore
const count = (page: string, what: RegExp) => [...page.matchAll(what)].length
const rowsOf = (page: string) => count(page, /<tr/g)

const escape = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Everything by which a page could load, run or send something. */
function expectSelfContained(page: string): void {
  expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true)
  expect(page).not.toMatch(/<(?:script|link|img|iframe|object|embed|base|form|audio|video|image|use|foreignObject)\b/i)
  expect(page).not.toMatch(/\s(?:src|srcset|xlink:href|action|on\w+)\s*=/i)
  expect(page).not.toMatch(/url\(|@import|javascript:|\bhttps?:/i)
  for (const [, target] of page.matchAll(/\shref="([^"]*)"/g)) expect(page).toContain(`id="${target!.slice(1)}"`)
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  expect(count(page, /<main>/g)).toBe(1)
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1])
  expect(new Set(ids).size).toBe(ids.length)
}

describe('a report of a history', () => {
  it('has a curve of each metric, its validation with it, the rate last, and every epoch', async () => {
    const page = await report(curves)
    expectSelfContained(page)
    expect(headings(page)).toEqual(['Training report', 'Training', 'loss', 'accuracy', 'learning rate'])
    expect(count(page, /<svg/g)).toBe(3)
    expect(count(page, /stroke="var\(--first\)"/g)).toBe(3)
    expect(count(page, /stroke="var\(--second\)"/g)).toBe(2)
    expect(page).toContain(
      'aria-label="loss by epoch: training from 2 in epoch 1 to 0.5000 in epoch 3; validation from 2.500 in epoch 1 to 1.500 in epoch 3"',
    )
    expect(page).toMatch(/least validation loss is\s+<strong>1\.250<\/strong>, in epoch\s+2/)
    expect(rowsOf(page)).toBe(4)
    expect(page.match(/<tr class="best">.*<\/tr>/)![0]).toContain('1.250')
  })

  it('finds the best epoch behind those that are no numbers', async () => {
    for (const loss of [
      [NaN, 2, 1],
      [-Infinity, 2, 1],
      [Infinity, 2, 1],
    ])
      // prettier-ignore
      expect(await report(historyOf({ loss }))).toMatch(/least loss is\s+<strong>1(\.0+)?<\/strong>, in epoch\s+3/)
    expect(await report(historyOf({ loss: [NaN, NaN] }))).not.toContain('The least')
  })

  it('keeps the peaks beside gaps when points are left out', () => {
    const values = Array.from({ length: 5000 }, (_, i): number | null => (i % 7 === 3 ? null : Math.sin(i / 50)))
    for (const at of [8, 1201, 2500, 4999]) {
      const peak = values.with(at, 100).with(at - 1, -100).with(at + 1 < 5000 ? at + 1 : at - 2, null) // prettier-ignore
      const kept = coursePlaces(peak)
      expect(kept).toContain(at)
      expect(kept).toContain(at - 1)
      expect(kept.length).toBeLessThanOrEqual(600)
    }
  })

  it('says what is no number, and leaves a gap there', async () => {
    const page = await report(historyOf({ loss: [1, NaN, 3, Infinity], accuracy: [NaN, NaN, NaN, NaN] }))
    expect(page).toContain('loss is no finite number in 2 epochs, first in 2.')
    expect(page).toContain('accuracy is no finite number in 4 epochs, first in 1.')
    expect(count(page, /<svg/g)).toBe(1)
    expect(page).toContain('∞')
    expect(page).not.toMatch(/d="[^"]*(?:NaN|Infinity)/)
  })

  it('is of no epoch, or of one', async () => {
    expect(await report(historyOf({}))).toContain('No epoch was trained.')
    const one = await report(historyOf({ loss: [0.25], val_loss: [0.5] }))
    expect(one).toContain('aria-label="loss by epoch: training 0.2500 in epoch 1; validation 0.5000 in epoch 1"')
    expect(rowsOf(one)).toBe(2)
  })

  it('keeps every peak of 10,000 epochs in a page of bounded size', async () => {
    const loss = Array.from({ length: 10_000 }, (_, i) => (i === 5003 ? 7 : 1 + 0.1 * Math.sin(i)))
    const steady = loss.map((v) => Math.min(v, 1.2))
    const [page, without] = [await report(historyOf({ loss })), await report(historyOf({ loss: steady }))]
    expect(page.length).toBeLessThan(100_000)
    expect(rowsOf(page)).toBeLessThan(70)
    expect(page).toMatch(/of 10,000, evenly spread/)
    // The peak is the highest label of the axis.
    const labels = (text: string) => [...text.matchAll(/>([\d.]+)<\/text>/g)].map((m) => Number(m[1])).filter((n) => n < 100) // prettier-ignore
    expect(Math.max(...labels(page))).toBeGreaterThan(5)
    expect(Math.max(...labels(without))).toBeLessThan(2)
  })

  it('draws what falls by decades on a scale of decades, and only where all is above 0', async () => {
    expect(await report(historyOf({ loss: [10, 1, 0.01] }))).toContain('logarithmic')
    expect(await report(historyOf({ loss: [10, 1, 0] }))).not.toContain('logarithmic')
  })

  it('puts what is recorded less often at the last epochs', async () => {
    const { history, ...rest } = historyOf({ loss: [4, 3, 2, 1] })
    const page = await report({ ...rest, history: { ...history, val_loss: [0.5, 0.25] } })
    expect(page).toContain('validation from 0.5000 in epoch 3 to 0.2500 in epoch 4')
  })
})

describe('confusion', () => {
  const classNames = ['cat', 'dog', 'a name that is so long that no column has room for it']

  it('counts classes, or the greatest of the scores, and says how many are right', async () => {
    const labels = [0, 0, 1, 2, 2]
    const scores = Float32Array.of(9, 1, 1, 1, 9, 1, 1, 9, 1, 1, 1, 9, 1, 1, 9)
    const pages = [
      await report(curves, { confusion: { labels, predicted: [0, 1, 1, 2, 2], classNames } }),
      await report(curves, { confusion: { labels: Int32Array.from(labels), predicted: scores, classNames } }),
      await report(curves, {
        confusion: { labels, predicted: [0, 1, 2, 3, 4].map((i) => scores.slice(3 * i, 3 * i + 3)), classNames },
      }),
    ]
    expect(new Set(pages).size).toBe(1)
    const page = pages[0]!
    expectSelfContained(page)
    expect(page).toMatch(/4 of\s+5 samples are right:\s+<strong>80\.0 %<\/strong>/)
    const cells = page.match(/<table class="confusion">[^]*?<\/table>/)![0]
    expect([...cells.matchAll(/<td class="[^"]*"[^>]*>\s*(\d+)\s*<\/td>/g)].map((m) => Number(m[1]))).toEqual([
      ...[1, 1, 0],
      ...[0, 1, 0],
      ...[0, 0, 2],
    ])
  })

  it('of many classes is a list', async () => {
    const labels = Array.from({ length: 100 }, (_, i) => i)
    const page = await report([], { confusion: { labels, predicted: labels.map((c) => (c + 1) % 100) } })
    expect(page).not.toContain('<table class="confusion">')
    expect(page).toContain('What is taken for what')
  })

  it('of no samples says so', async () => {
    expect(await report([], { confusion: { labels: [], predicted: [] } })).toContain('No samples.')
  })

  it.each([
    [{ labels: [0, 1], predicted: [0] }, /2 labels and 1 predictions/],
    [{ labels: [0, 3], predicted: [0, 1], classNames }, /labels of confusion has 3 at 1; classes are 0 to 2/],
    [{ labels: [0, 1], predicted: [0, 0.5] }, /predicted of confusion has 0.5 at 1; classes are whole numbers/],
  ])('refuses %o', async (confusion, message) => {
    await expect(report([], { confusion })).rejects.toThrow(message)
  })
})

describe('a report of an entry', () => {
  const net = mlp('sgd', 'B')
  const found = inspect(net.train, { bindings: { B: 32 } })

  it('has its formulas, kernels, memory, passes and code', async () => {
    const page = await report(found)
    expectSelfContained(page)
    expect(headings(page)).toEqual([
      ...['Entry train', 'Entry train', 'Formulas', 'Forward', 'Gradients', 'Updates'],
      ...['Kernels', 'Memory', 'Passes', 'Code'],
    ])
    const text = page.replace(/<wbr>/g, '')
    for (const { name, formulas } of found.kernels) {
      expect(text).toContain(`<code>${name}</code>`)
      for (const f of formulas) expect(text).toContain(`<div>${escape(f)}</div>`)
    }
    const { formula } = found.graphs.simplified.tensors.find((t) => t.name === 'd_W1')!
    const shown = escape(formula)
    expect(text).toContain(
      `<code>d_W1</code></th>\n<td class="type">float32[784, 256]</td>\n<td class="math">= ${shown}</td>`,
    )
    for (const { name } of found.memory.buffers) expect(text).toContain(name)
    const drawn = found.memory.buffers.filter((b) => b.region !== 'state' && b.bytes > 0)
    expect(count(page, /<rect/g)).toBe(drawn.length)
    for (const { pass } of found.passes) expect(page).toContain(`<th scope="row">${pass}</th>`)
    expect(page).toContain('function update_W1(')
  })

  it('has the times of its profile, at its sizes, beside its history', async () => {
    const feeds = { x: new Float32Array(3 * 784), y: new Int32Array(3) }
    const measured = await profile(net.train, { feeds, steps: 2, warmup: 1 })
    const page = await report([curves, net.train], { profile: measured, title: 'Both' })
    expectSelfContained(page)
    expect(headings(page)).toEqual(expect.arrayContaining(['Both', 'Training', 'Time', 'Kernels']))
    expect(page).toContain('With B = 3, on')
    expect(page).toContain('<a href="#training">')
    expect(rowsOf(page.match(/aria-label="Time of kernels"[^]*?<\/table>/)![0])).toBe(measured.kernels.length + 1)
    await expect(report(net.predict, { profile: measured })).rejects.toThrow(/the profile is of entry "train"/)
  })

  it('is refused for what is none', async () => {
    for (const wrong of [{}, 1, null, () => 1]) await expect(report(wrong as never)).rejects.toThrow(GraphError)
    await expect(report([])).rejects.toThrow(/nothing to show/)
    await expect(report(curves, { colour: 'red' } as never)).rejects.toThrow(/report: unknown option "colour"/)
  })
})

describe('hostile names', () => {
  const hostile = `</code></style><script>alert("1")</script><img src=x onerror='1'>&amp;\u202e\u0000`

  it('stay text', async () => {
    const net = compile({
      [hostile]: entry({ [hostile]: tensor([2]) }, (feeds) => ({
        outputs: { [hostile]: named(hostile, sum(relu(feeds[hostile]))) },
      })),
    })
    const history = historyOf({ [hostile]: [1, 2], [`val_${hostile}`]: [NaN, 3] })
    const page = await report([history, net[hostile]], {
      title: `${hostile}\ud800`,
      confusion: { labels: [0, 1], predicted: [1, 1], classNames: [hostile, 'b'] },
    })
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(page).not.toMatch(/[\u0000-\u0008\u202e]|\p{Cs}/u)
    const tags = new Set([...page.matchAll(/<(\w+)/g)].map((m) => m[1]))
    expect([...tags].filter((tag) => ['script', 'img'].includes(tag!))).toEqual([])
    expect(page).not.toMatch(/<[^>"]*(?:"[^"]*"[^>"]*)*\sonerror/)
    expect(count(page, /<\/style>/g)).toBe(1)
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)')
  })
})
