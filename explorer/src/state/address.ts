import { exampleOf } from '../models/index'
import { pack, unpack } from './packed-text'
import { DEFAULTS, PASSES, SCHEDULES, type Settings, STAGES, TABS, TARGETS } from './settings'

/** What a name of a dimension has in front of it in an address. */
const DIMENSION = 'dim.'

/** The part of an address behind '#'. What is as usual is left out, so that links stay short. */
export async function addressOf(settings: Settings): Promise<string> {
  const { model, text, entry, bindings, stage, open, schedule, target, fuse, off, tab } = settings
  const out = new URLSearchParams()
  if (model === '') out.set('text', await pack(text))
  else out.set('model', model)
  if (entry !== '') out.set('entry', entry)
  for (const [name, extent] of Object.entries(bindings)) out.set(`${DIMENSION}${name}`, String(extent))
  if (stage !== DEFAULTS.stage) out.set('stage', stage)
  if (open?.length === 0) out.set('open', '')
  for (const scope of open ?? []) out.append('open', scope)
  if (schedule !== DEFAULTS.schedule) out.set('schedule', schedule)
  if (target !== DEFAULTS.target) out.set('target', target)
  if (!fuse) out.set('fuse', 'no')
  for (const pass of off) out.append('off', pass)
  if (tab !== DEFAULTS.tab) out.set('tab', tab)
  return out.toString()
}

export interface Read {
  readonly settings: Settings
  /** What could not be read, for people. */
  readonly problem?: string
}

/** Settings from an address; what it says that is unknown is as usual. Never rejects. */
export async function settingsOf(address: string): Promise<Read> {
  const given = new URLSearchParams(address.replace(/^#/, ''))
  const oneOf = <T extends string>(key: string, known: readonly T[], usual: T): T =>
    known.find((value) => value === given.get(key)) ?? usual
  const { problem, ...model } = await modelOf(given)
  const settings: Settings = {
    ...model,
    entry: given.get('entry') ?? '',
    bindings: bindingsOf(given),
    stage: oneOf('stage', STAGES, DEFAULTS.stage),
    open: given.has('open') ? given.getAll('open').filter((scope) => scope !== '') : undefined,
    schedule: oneOf('schedule', SCHEDULES, DEFAULTS.schedule),
    target: oneOf('target', TARGETS, DEFAULTS.target),
    fuse: given.get('fuse') !== 'no',
    off: PASSES.filter((pass) => given.getAll('off').includes(pass)),
    tab: oneOf('tab', TABS, DEFAULTS.tab),
  }
  return problem === undefined ? { settings } : { settings, problem }
}

type ModelRead = Pick<Settings, 'model' | 'text'> & Pick<Read, 'problem'>

async function modelOf(given: URLSearchParams): Promise<ModelRead> {
  const usual = { model: DEFAULTS.model, text: DEFAULTS.text }
  const packed = given.get('text')
  if (packed !== null)
    try {
      return { model: '', text: await unpack(packed) }
    } catch {
      return {
        ...usual,
        problem: 'The model in this link cannot be read: a part of the link is missing or was changed.',
      }
    }
  const name = given.get('model')
  if (name === null) return usual
  const example = exampleOf(name)
  return example
    ? { model: example.name, text: example.text }
    : { ...usual, problem: `This link names a built-in model "${name}", which there is not.` }
}

/** By entries, so that a dimension called '__proto__' is one like any other. */
function bindingsOf(given: URLSearchParams): Record<string, number> {
  return Object.fromEntries(
    [...given]
      .filter(([key]) => key.startsWith(DIMENSION))
      .map(([key, value]): [string, number] => [key.slice(DIMENSION.length), Number(value)])
      .filter(([, extent]) => Number.isInteger(extent) && extent > 0),
  )
}
