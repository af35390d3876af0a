// Kills training at random moments and starts it anew until it is done: every checkpoint that is found must be whole, and
// weights, slots, history and files those of the run that nobody disturbed, bit for bit.
//   run.ts [--kills 200] [--seed 1]
// Ends with 1 if they are not.
import { parseArgs } from 'node:util'
import { CASES, differences, killed, Trials } from './harness'

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
})
const wanted = Number(values.kills)
// Every kind of run gets its part of the kills, and none so many that the last ones come when all is done.
const share = Math.min(12, Math.ceil(wanted / CASES.length))
const trials = await Trials.prepare()
try {
  let [kills, resumed, runs, seed] = [0, 0, 0, Number(values.seed)]
  const wholes = new Map<object, string>()
  for (const which of CASES) wholes.set(which, await trials.whole(which))
  while (kills < wanted) {
    for (const which of CASES) {
      const directory = trials.directory()
      const found = await killed(trials, which, directory, Math.min(share, wanted - kills), seed++)
      kills += found.kills
      resumed += found.resumed
      runs++
      const faults = differences(directory, wholes.get(which)!)
      if (faults.length > 0) {
        console.log(`${which.variant} on ${which.target}, seed ${seed - 1}: ${faults.join(', ')} differ`)
        process.exitCode = 1
      }
    }
    console.log(`${kills} kills in ${runs} runs, ${resumed} of them in runs that went on within an epoch`)
  }
  console.log(process.exitCode ? 'not exact' : `exact after ${kills} kills in ${runs} runs`)
} finally {
  trials.remove()
}
