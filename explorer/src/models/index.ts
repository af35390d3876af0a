import attention from './attention.ts?raw'
import cnn from './cnn.ts?raw'
import forecast from './forecast.ts?raw'
import layers from './layers.ts?raw'
import logistic from './logistic.ts?raw'
import lstm from './lstm.ts?raw'
import mlp from './mlp.ts?raw'
import spirals from './spirals.ts?raw'

/** The built-in models, in the order of the menu. */
export const EXAMPLES = [
  { name: 'mlp', title: 'Two dense layers', text: mlp },
  { name: 'spirals', title: 'Two spirals', text: spirals },
  { name: 'cnn', title: 'Convolutional network', text: cnn },
  { name: 'lstm', title: 'LSTM by scan', text: lstm },
  { name: 'forecast', title: 'Forecast by a GRU', text: forecast },
  { name: 'attention', title: 'Attention', text: attention },
  { name: 'logistic', title: 'Logistic regression, by hand and generated', text: logistic },
  { name: 'layers', title: 'Layers of gradloom/nn', text: layers },
] as const satisfies readonly { readonly name: string; readonly title: string; readonly text: string }[]

export type Example = (typeof EXAMPLES)[number]
export const exampleOf = (name: string): Example | undefined => EXAMPLES.find((e) => e.name === name)
