import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadLayersModelFiles, saveLayersModelFiles } from 'gradloom/node'
import { layers, sequential } from 'gradloom/nn'
import { expect, it } from 'vitest'

it('a layers-model in a folder is read as it was written, and written over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-layers-model-'))
  try {
    for (const units of [3, 2]) {
      const net = sequential([layers.dense({ units, inputShape: [4] })])
      saveLayersModelFiles(net, join(folder, 'net'))
      expect(readdirSync(join(folder, 'net')).sort()).toEqual(['group1-shard1of1.bin', 'model.json'])
      const { model } = await loadLayersModelFiles(join(folder, 'net', 'model.json'))
      expect(model.getWeights()).toEqual(net.getWeights())
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
