import Foundation

/// AddressSanitizer holds back what is freed (256 MB by default), so that resident memory says nothing of what is in use.
package let holdsFreedMemory = dlsym(nil, "__asan_init") != nil
