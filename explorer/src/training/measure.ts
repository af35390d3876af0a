import type { Columns } from './columns'
import type { Trainee } from './model'
import type { Rates, Target } from './protocol'
import { stepsPerSecond } from './rate'
import { Session } from './session'
import { w1 } from './w1'

/** Times this model and W1 on each target, one after the other at full speed, and says each result when it is there. */
export async function measured(
  trainee: Trainee,
  columns: Columns,
  batch: number,
  targets: readonly Target[],
  say: (rates: Rates) => void,
): Promise<void> {
  const rates = { model: {} as Partial<Record<Target, number>>, w1: {} as Partial<Record<Target, number>> }
  const tell = (isDone: boolean): void => say({ model: { ...rates.model }, w1: { ...rates.w1 }, isDone })
  tell(false)
  for (const target of targets) {
    const session = new Session(trainee, columns, target)
    rates.model[target] = await stepsPerSecond(session.fixedStep(batch))
    session.dispose()
    tell(false)
  }
  for (const target of targets) {
    const { step, dispose } = w1(target)
    rates.w1[target] = await stepsPerSecond(step)
    dispose()
    tell(target === targets.at(-1))
  }
}
