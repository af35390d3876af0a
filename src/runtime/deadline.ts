/** What timers hold, 24 days; they take more for nothing. */
const LONGEST = 2 ** 31 - 1
/** Milliseconds in which a message that has come while this thread was busy is read. */
const GRACE = 20

/** Calls a function after some milliseconds, unless what it returns is called before. More than timers hold is for ever. */
export function atDeadline(milliseconds: number, f: () => void): () => void {
  if (milliseconds > LONGEST) return () => undefined
  let timer = setTimeout(() => {
    timer = setTimeout(f, GRACE)
  }, milliseconds)
  return () => clearTimeout(timer)
}
