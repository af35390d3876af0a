/** Losses over steps, as a chart takes them: a row a moment, with what is known then. */
export type LossTable = readonly [steps: number[], training: (number | null)[], heldOut: (number | null)[]]

const MOST_ROWS = 1000

interface Row {
  readonly step: number
  readonly training: number | null
  readonly heldOut: number | null
  /** How many reports it is the mean of. */
  readonly size: number
}

/** Losses of a training of any length in at most a thousand rows, each the mean of as many reports. */
export class History {
  private rows: Row[] = []
  private perRow = 1

  add(step: number, training: number | undefined, heldOut: number | undefined): void {
    const row = { step, training: finiteOrNull(training), heldOut: finiteOrNull(heldOut), size: 1 }
    if (row.training === null && row.heldOut === null) return
    const last = this.rows.at(-1)
    if (last && last.size < this.perRow) this.rows[this.rows.length - 1] = joined(last, row)
    else this.rows.push(row)
    if (this.rows.length > MOST_ROWS) this.thin()
  }

  clear(): void {
    this.rows = []
    this.perRow = 1
  }

  get table(): LossTable {
    return [this.rows.map((r) => r.step), this.rows.map((r) => r.training), this.rows.map((r) => r.heldOut)]
  }

  private thin(): void {
    const { rows } = this
    this.rows = []
    for (let i = 0; i < rows.length; i += 2)
      this.rows.push(i + 1 < rows.length ? joined(rows[i]!, rows[i + 1]!) : rows[i]!)
    this.perRow *= 2
  }
}

/** What is known of two neighbours; what is seldom known stays as it was measured last. */
function joined(a: Row, b: Row): Row {
  const size = a.size + b.size
  const training =
    a.training === null || b.training === null
      ? (a.training ?? b.training)
      : (a.training * a.size + b.training * b.size) / size
  return { step: b.step, training, heldOut: b.heldOut ?? a.heldOut, size }
}

const finiteOrNull = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null
