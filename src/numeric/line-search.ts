/** A point on the way along a direction: how far, the loss there and its slope along the direction. */
export interface Trial {
  readonly step: number
  readonly loss: number
  readonly slope: number
}

export interface LineSearchOptions {
  /** The share of the first slope by which the loss must fall at least, 1e-4 by default. */
  readonly decrease?: number
  /** The share of the first slope that may be left at most, 0.9 by default. */
  readonly curvature?: number
  /** Evaluations before it is given up, 25 by default. */
  readonly maxTrials?: number
}

/**
 * A step along a direction of descent that meets the strong Wolfe conditions; if evaluations run out, one at which the loss
 * is lower at least, and undefined where there is none. A loss that is not finite counts as too high.
 * Source: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 3.5 and 3.6, cubic interpolation (3.59).
 */
export function lineSearch<T extends Trial>(
  evaluate: (step: number) => T,
  start: T,
  first: number,
  { decrease = 1e-4, curvature = 0.9, maxTrials = 25 }: LineSearchOptions = {},
): T | undefined {
  let left = maxTrials
  const isTooHigh = ({ step, loss }: Trial): boolean =>
    !Number.isFinite(loss) || loss > start.loss + decrease * step * start.slope
  const isFlat = ({ slope }: Trial): boolean => Math.abs(slope) <= -curvature * start.slope
  const lower = (t: T): T | undefined => (t.loss < start.loss ? t : undefined)

  /** Between a point that is low enough and one beyond a minimum. */
  const zoom = (below: T, above: T): T | undefined => {
    let [low, high] = [below, above]
    while (left-- > 0) {
      const trial = evaluate(between(low, high))
      if (isTooHigh(trial) || trial.loss >= low.loss) high = trial
      else {
        if (isFlat(trial)) return trial
        if (trial.slope * (high.step - low.step) >= 0) high = low
        low = trial
      }
      if (low.step === high.step) break
    }
    return lower(low)
  }

  let before = start
  let step = first
  while (left-- > 0) {
    const trial = evaluate(step)
    if (isTooHigh(trial) || (before !== start && trial.loss >= before.loss)) return zoom(before, trial)
    if (isFlat(trial)) return trial
    if (trial.slope >= 0) return zoom(trial, before)
    before = trial
    step *= 2
  }
  return lower(before)
}

/** Where the cubic through two points and their slopes has its minimum, but not close to either; else the middle. */
function between(a: Trial, b: Trial): number {
  const width = b.step - a.step
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.step - b.step)
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - a.slope * b.slope)
  const share = (b.step - width * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2)) - a.step) / width
  return a.step + width * (share >= 0.1 && share <= 0.9 ? share : 0.5)
}
