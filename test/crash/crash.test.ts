import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { begun, CASES, checkFiles, differences, ended, killed, pause, progressIn, Trials } from './harness'

let trials: Trials
beforeAll(async () => {
  trials = await Trials.prepare()
})
afterAll(() => trials.remove())

describe.skipIf(process.platform === 'win32').each(CASES)('training of $variant on $target', (which) => {
  it('is exact after kills and Ctrl-C', { timeout: 300_000 }, async () => {
    const whole = await trials.whole(which)
    const directory = trials.directory()
    const interrupted = trials.start(directory, which)
    const end = ended(interrupted)
    await begun(interrupted)
    await pause(20)
    interrupted.kill('SIGINT')
    // A shell shows 130.
    expect(await end).toBe('SIGINT')
    checkFiles(directory)
    const progress = progressIn(directory)!
    expect(progress.epoch + progress.batch).toBeGreaterThan(0)
    expect(existsSync(join(directory, 'final.safetensors'))).toBe(false)
    expect((await killed(trials, which, directory, 1, 1)).kills).toBeGreaterThan(0)
    expect(differences(directory, whole)).toEqual([])
  })
})

describe.skipIf(process.platform === 'win32')('signals', () => {
  const which = { variant: 'arrays', target: 'js' } as const

  it('SIGTERM leaves a checkpoint as well', async () => {
    const directory = trials.directory()
    const child = trials.start(directory, which)
    const end = ended(child)
    await begun(child)
    child.kill('SIGTERM')
    expect(await end).toBe('SIGTERM')
    expect(progressIn(directory)).toBeDefined()
  })
})
