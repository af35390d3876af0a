import { afterEach, describe, expect, it, vi } from 'vitest'
import { dataset } from 'gradloom'
import { classifier, x, y } from './models'

const { isTTY, columns } = process.stderr
afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(process.stderr, { isTTY, columns })
})

/** What fit shows on a terminal or elsewhere, without what moves the cursor. */
async function shown(isTerminal: boolean, fit: () => Promise<unknown>): Promise<{ bars: string; lines: string[] }> {
  Object.assign(process.stderr, { isTTY: isTerminal, columns: 200 })
  const written: string[] = []
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (written.push(String(text)), true))
  vi.spyOn(console, 'log').mockImplementation((text) => void lines.push(String(text)))
  await fit()
  // eslint-disable-next-line no-control-regex -- escape sequences are what is to go
  return { bars: written.join('').replace(/\x1b\[[?\d;]*[A-Za-z]|\x1b[78]/g, ''), lines }
}
const train = (verbose: 0 | 1 | 2) => (): Promise<unknown> =>
  classifier('js').fit(x, y, { epochs: 2, batchSize: 3, verbose, validationData: [x, y] })
const batches = (): Promise<unknown> =>
  classifier('js').fit(dataset.from(function* () { for (let i = 0; i < 5; i++) yield { x, y } }), { epochs: 2, verbose: 1 }) // prettier-ignore
const LOGS = /loss \d\.\d{4} {2}accuracy \d\.\d{4} {2}val_loss \d\.\d{4} {2}val_accuracy \d\.\d{4}/

describe('verbose', () => {
  it('0 shows nothing', async () => {
    for (const isTerminal of [true, false]) expect(await shown(isTerminal, train(0))).toEqual({ bars: '', lines: [] })
  })

  it.each([
    [1, false],
    [2, false],
    [2, true],
  ] as const)('%i prints a line for each epoch (on a terminal: %s)', async (verbose, isTerminal) => {
    const { bars, lines } = await shown(isTerminal, train(verbose))
    expect(bars).toBe('')
    expect(lines.length).toBe(2)
    for (const [i, line] of lines.entries())
      expect(line).toMatch(new RegExp(`^epoch ${i + 1}/2 {2}\\d+\\.\\d s {2}${LOGS.source}$`))
  })

  it('1 shows a bar for each epoch on a terminal', async () => {
    const { bars, lines } = await shown(true, train(1))
    expect(lines).toEqual([])
    for (const epoch of [1, 2])
      expect(bars).toMatch(new RegExp(`epoch ${epoch}/2 █{24} 3/3 {2}\\d+s {2}${LOGS.source}`))
  })

  it('1 learns how long an epoch is where data do not say it', async () => {
    const { bars } = await shown(true, batches)
    for (const epoch of [1, 2]) expect(bars).toMatch(new RegExp(`epoch ${epoch}/2 █{24} 5/5 `))
    expect(bars).toMatch(/epoch 2\/2 [^█]{24} 0\/5/)
  })

  it('1 leaves the terminal alone where training throws', async () => {
    const failing = (): Promise<unknown> =>
      classifier('js')
        .fit(x, y, { verbose: 1, callbacks: [{ onTrainBatchEnd: () => Promise.reject(new Error('no')) }] })
        .catch(() => undefined)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await shown(true, failing)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})
