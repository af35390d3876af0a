// Files that the bundler turns into modules.
declare module '*?raw' {
  const text: string
  export default text
}
declare module '*.css'
