const WARM = 300
const LENGTH = 1000
/** How long the thread is kept at a time: messages of the page wait so long. */
const SLICE = 200

/**
 * Steps a second at full speed: real steps over the time on the clock, for about a second after some warming up. Nothing is
 * drawn, sent or looked at meanwhile.
 */
export async function stepsPerSecond(step: () => unknown): Promise<number> {
  await stepsIn(WARM, step)
  const { steps, milliseconds } = await stepsIn(LENGTH, step)
  return (1000 * steps) / milliseconds
}

async function stepsIn(length: number, step: () => unknown): Promise<{ steps: number; milliseconds: number }> {
  let steps = 0
  let milliseconds = 0
  // The clock is read once for a few steps, more of them the shorter they are.
  let few = 1
  while (milliseconds < length) {
    const start = performance.now()
    let passed = 0
    while (passed < SLICE) {
      for (let i = 0; i < few; i++) step()
      steps += few
      const before = passed
      passed = performance.now() - start
      if (passed - before < 1) few = Math.min(2 * few, 1024)
    }
    milliseconds += passed
    await new Promise((resolve) => setTimeout(resolve))
  }
  return { steps, milliseconds }
}
