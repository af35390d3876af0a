// An engine without WebAssembly: programs that leave the target open run as JavaScript.
delete (globalThis as { WebAssembly?: unknown }).WebAssembly
