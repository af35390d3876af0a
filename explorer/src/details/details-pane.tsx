import { TabPanel, Tabs } from '../parts/tabs'
import type { Tab } from '../state/settings'
import { model, tab, text } from '../state/store'
import { FormulasTab } from './formulas-tab'
import { KernelsTab } from './kernels-tab'
import { MemoryTab } from './memory-tab'
import { PassesTab } from './passes-tab'
import { TrainTab } from './train-tab'

const TABS = [
  { value: 'formulas', text: 'Formulas' },
  { value: 'kernels', text: 'Kernels' },
  { value: 'memory', text: 'Memory' },
  { value: 'passes', text: 'Passes' },
  { value: 'train', text: 'Train' },
] as const satisfies readonly { readonly value: Tab; readonly text: string }[]

/** What else is known of the entry. */
export const DetailsPane = () => (
  <>
    <Tabs id="details" label="Details" value={tab} tabs={TABS} />
    <TabPanel id="details" value={tab.value}>
      <Content tab={tab.value} />
    </TabPanel>
  </>
)

function Content({ tab }: { readonly tab: Tab }) {
  switch (tab) {
    case 'formulas':
      return <FormulasTab />
    case 'kernels':
      return <KernelsTab />
    case 'memory':
      return <MemoryTab />
    case 'passes':
      return <PassesTab />
    case 'train':
      return <TrainTab text={text} model={model} />
  }
}
