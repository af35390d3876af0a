import { MODEL_FILE } from './script'

/** Whether a file of a stack is the model: the text of the editor, or a built-in model in its own file. */
export const isModelFile = (file: string): boolean => file === MODEL_FILE || /(?:^|\/)models\/[\w-]+\.js$/.test(file)
