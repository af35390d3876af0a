import type { Row } from './measure'
import { type Contender, isPeer, peerOf } from './systems/contender'
import type { Task } from './workloads'

/** A contender as it enters a task: where there are images, once in every layout that it may keep them in. */
export function inLayouts(contender: Contender, { workload }: Task): Contender[] {
  const layouts = workload === 'W3' && isPeer(contender.system) ? peerOf(contender.system).layouts : undefined
  return layouts?.map((layout) => ({ ...contender, layout })) ?? [contender]
}

/** After the rows of one system in several layouts a row of the system itself: the better of them. */
export function withBetter(rows: readonly Row[]): Row[] {
  return rows.flatMap((row, i) => {
    const same = rows.filter(({ system, layout }) => system === row.system && layout !== undefined)
    if (row.layout === undefined || rows.slice(i + 1).some((later) => same.includes(later))) return [row]
    const { layout: _, ...better } = same.reduce((a, b) => (b.rate > a.rate ? b : a))
    return [row, better]
  })
}
