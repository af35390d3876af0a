import { GraphError } from '../ir/errors'
import { choice, number, type Parsed, string } from '../layers/option'
import type { Logs } from '../training/callback'
import type { TrainingRun } from '../training/run'

/** Options of callbacks that watch a log. */
export const monitorOptions = {
  /** `val_loss` by default. */
  monitor: string('val_loss'),
  /** 'auto' by default: smaller values are better for losses, and as the metric says for metrics. */
  mode: choice(['auto', 'min', 'max'], 'auto'),
  /** By how much a value must be better to count as better. */
  minDelta: number(0),
}

/** Tells which values of a log are better. As `MonitorCallback` in Keras. */
export class Monitor {
  readonly name: string
  private run: TrainingRun | undefined
  private isMax = false

  constructor(
    private readonly owner: string,
    private readonly options: Parsed<typeof monitorOptions>,
  ) {
    this.name = options.monitor
  }

  /** Throws a GraphError where the mode is 'auto' and nothing says which values are better. */
  begin(run: TrainingRun): void {
    this.run = run
    const { mode } = this.options
    const direction = mode === 'auto' ? run.model.directionOf(this.name) : mode
    if (direction === undefined)
      throw new GraphError(
        `${this.owner}: whether "${this.name}" should be large or small cannot be told from its name; give mode: 'max' or mode: 'min'`,
      )
    this.isMax = direction === 'max'
  }

  /**
   * The value to look at; undefined in an epoch without validation where others have some. Throws a GraphError that lists the
   * logs where there is none of this name.
   */
  valueIn(logs: Logs): number | undefined {
    const value = logs[this.name]
    if (value !== undefined) return value
    const names = Object.keys(logs)
    const isPaused = this.name.startsWith('val_') && !names.some((n) => n.startsWith('val_'))
    if (isPaused && this.run?.hasValidation) return undefined
    const reason = isPaused ? '; it would need validation data' : ''
    throw new GraphError(`${this.owner}: there is no "${this.name}" among the logs ${names.join(', ')}${reason}`)
  }

  /** Whether a value is better than another; any is better than none. */
  isBetter(value: number, other: number | null): boolean {
    if (other === null) return true
    const delta = Math.abs(this.options.minDelta)
    return this.isMax ? value - delta > other : value + delta < other
  }
}
