import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import '../ui/theme.css'
import { isProblem } from './problem.ts'
import { router } from './router.tsx'
import { Toasts } from './shell/toasts.tsx'
import { readWords } from './words.ts'

/**
 * What was seen a moment ago is shown at once and asked for again behind it. A refusal is no accident: asking again
 * changes nothing.
 */
const seen = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (times, error) => times < 2 && isProblem(error) && (error.status === 0 || error.status === 503),
    },
  },
})

await readWords(document.documentElement.lang)
createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={seen}>
    <RouterProvider router={router} />
    <Toasts />
  </QueryClientProvider>,
)
