// 10,000 steps of a small model in every mode: bytes held after step 100 and at the end, and how many bytes of array
// buffers the steps between allocated.
import { held, total } from '../memory'
import { smallFeeds, smallNet } from '../models'
import { MODES, open } from '../modes'

const [FIRST, LAST] = [100, 10_000]
const out: Record<string, { early: number; late: number; allocated: number }> = {}
for (const mode of MODES) {
  const step = (await open(mode, () => ({ main: smallNet() }))).call('main')
  const feeds = smallFeeds()
  for (let i = 0; i < FIRST; i++) step(feeds)
  const early = total(await held())
  const before = process.memoryUsage().arrayBuffers
  for (let i = FIRST; i < LAST; i++) step(feeds)
  const allocated = process.memoryUsage().arrayBuffers - before
  out[mode] = { early, late: total(await held()), allocated }
}
console.log(JSON.stringify(out))
