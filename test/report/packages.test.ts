import { expect, test, vi } from 'vitest'
import { RuntimeError } from '../../src/ir/errors'
import { report } from '../../src/report/index'

vi.mock('vega-lite', () => {
  throw new Error('Cannot find package')
})

test('a missing package is named, where there is something to draw', async () => {
  const params = { epochs: 1, steps: 1, verbose: 0 }
  const failing = report({ epoch: [0], history: { loss: [1] }, params })
  await expect(failing).rejects.toThrow(RuntimeError)
  await expect(failing).rejects.toThrow('report: needs the package vega-lite; install it by npm install vega-lite')
  expect(await report({ epoch: [], history: {}, params })).toContain('No epoch was trained.')
})
