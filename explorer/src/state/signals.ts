import { signal } from '@preact/signals'
import { EXAMPLES } from '../models/index'

/** The text of the model as it is being edited. */
export const text = signal<string>(EXAMPLES[0].text)
/** The name of the built-in model that the text is, or '' once it has been changed. */
export const model = signal<string>(EXAMPLES[0].name)
