import { inspect } from '../inspect/inspect'
import type { Inspection } from '../inspect/inspection'
import type { Profile } from '../inspect/profile'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import type { History } from '../training/history'
import { loadCharts } from './chart'
import { type Confusion, confusionSection } from './confusion'
import { entrySection } from './entry'
import { historySection } from './history'
import { type Html, markup, trusted } from './html'
import { STYLE } from './style'

/** What a report is about: what `fit` returned, a compiled entry such as `net.train`, or what `inspect` returned of one. */
export type Subject = History | Inspection | ((feeds: never) => unknown)

/** What a report says beside its subjects. */
export interface ReportOptions {
  /** Above all; "Training report" or the like by default. */
  readonly title?: string
  /** Which classes were taken for which. */
  readonly confusion?: Confusion
  /** What `profile` found, each shown with the entry that it is of. */
  readonly profile?: Profile | readonly Profile[]
}

/**
 * One HTML file that needs nothing else: no script, no network, so that it opens from a disk and under any policy that allows
 * its style. Of a history: curves of losses and metrics, and its epochs. Of an entry: formulas of all that has a name,
 * gradients too, kernels, memory over the step, passes and generated code, with the sizes of the profile or of the last call.
 *
 * Charts are drawn by the packages vega and vega-lite: rejects with a RuntimeError if a history is shown and they are not
 * installed, and with a GraphError for what is no such subject, a profile of no entry that is shown, and labels that do not
 * fit their predictions.
 */
export async function report(subject: Subject | readonly Subject[], options: ReportOptions = {}): Promise<string> {
  checkKeys('report', options, ['title', 'confusion', 'profile'])
  const subjects = isList(subject) ? subject : [subject]
  const profiles = [options.profile ?? []].flat()
  const histories = subjects.filter(isHistory)
  const entries = subjects.flatMap((s) => (isHistory(s) ? [] : [inspectionOf(s, profiles)]))
  if (subjects.length === 0 && !options.confusion)
    throw new GraphError('report: nothing to show; pass a history, a compiled entry, or a list of them')
  for (const p of profiles)
    if (!entries.some((e) => isOf(p, e)))
      throw new GraphError(
        `report: the profile is of entry ${JSON.stringify(p.entry)}, which is not among what is shown`,
      )
  const draw = histories.some((h) => h.epoch.length > 0) ? await loadCharts('report') : () => Promise.resolve(markup``)
  const sections: { id: string; name: string; body: Html }[] = []
  for (const [i, history] of histories.entries()) {
    const [id, name] = i === 0 ? ['training', 'Training'] : [`training-${i + 1}`, `Training ${i + 1}`]
    sections.push({ id, name, body: await historySection(history, { id, name }, draw) })
  }
  if (options.confusion)
    sections.push({ id: 'confusion', name: 'Confusion', body: confusionSection(options.confusion) })
  for (const [i, entry] of entries.entries()) {
    const id = `entry-${i + 1}`
    const found = profiles.find((p) => isOf(p, entry))
    sections.push({ id, name: entry.entry, body: entrySection(entry, found, id) })
  }
  return page(options.title ?? titleOf(histories.length, entries), sections)
}

const isList = (subject: Subject | readonly Subject[]): subject is readonly Subject[] => Array.isArray(subject)

const isHistory = (s: Subject): s is History =>
  typeof s === 'object' && Array.isArray((s as Partial<History> | null)?.epoch) && 'history' in s

function inspectionOf(subject: Exclude<Subject, History>, profiles: readonly Profile[]): Inspection {
  if (typeof subject === 'object' && subject !== null && 'graphs' in subject && 'kernels' in subject) return subject
  if (typeof subject !== 'function')
    throw new GraphError('report: expected what fit returned, a compiled entry such as net.train, or a list of them')
  const last = inspect(subject)
  const own = profiles.find((p) => p.entry === last.entry && !isOf(p, last))
  return own ? inspect(subject, { bindings: own.bindings }) : last
}

/** Whether a profile is of this entry at this size. */
const isOf = (p: Profile, { entry, bindings }: Inspection): boolean =>
  p.entry === entry && Object.entries(bindings).every(([name, n]) => p.bindings[name] === n)

function titleOf(histories: number, entries: readonly Inspection[]): string {
  const what = entries.map((e) => e.entry).join(', ')
  if (histories > 0) return entries.length > 0 ? `Training of ${what}` : 'Training report'
  return entries.length > 0 ? `Entry ${what}` : 'Confusion'
}

/** It says itself that it loads and runs nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

function page(title: string, sections: readonly { id: string; name: string; body: Html }[]): string {
  const links = sections.map(({ id, name }) => markup`<li><a href="#${id}">${name}</a></li>`)
  const contents = markup`<nav aria-label="Contents"><ul>${links}</ul></nav>`
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
        <meta name="generator" content="gradloom">
        <title>${title}</title>
        <style>${trusted(STYLE)}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${sections.length > 1 ? contents : ''}
        </header>
        <main>
          ${sections.map((s) => s.body)}
        </main>
        <footer>Written by gradloom.</footer>
      </body>
    </html>
    `.html
}
