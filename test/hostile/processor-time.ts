import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second. */
const TICK = 10

/** Milliseconds that processors have worked for a process and its threads; undefined where the system does not say. */
export function processorTime(pid: number): number | undefined {
  try {
    // Behind the name of the program, which may hold spaces: the state, ten more, then time in the program and for it.
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').slice(11, 13)
    return TICK * (Number(user) + Number(system))
  } catch {
    return undefined
  }
}
