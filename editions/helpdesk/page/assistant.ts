import { planned, section } from '#kernel/edition'

export const assistant = section(
  { en: 'Artificial intelligence', ar: 'الذكاء الاصطناعي' },
  planned(
    'helpdesk-9.0',
    {
      en: 'While AI is switched on, the content of conversations is sent to the AI provider that the workspace has chosen, and to no other.',
      ar: 'ما دام الذكاء الاصطناعي مفعّلًا، يُرسل محتوى المحادثات إلى مزوّد الذكاء الاصطناعي الذي اختارته مساحة العمل، ولا يُرسل إلى غيره.',
    },
    'assistant',
  ),
  planned(
    'helpdesk-9.1',
    {
      en: 'With our platform’s own credentials, AI requests go only to providers that we name and whose terms rule out training on the content.',
      ar: 'حين تُستخدم بيانات اعتماد منصتنا، لا تذهب طلبات الذكاء الاصطناعي إلا إلى مزوّدين نسمّيهم وتستبعد شروطهم تدريب النماذج على المحتوى.',
    },
    'assistant',
  ),
  planned(
    'helpdesk-9.2',
    {
      en: 'A workspace that brings its own AI key deals with the provider under its own contract, and its requests carry that key alone.',
      ar: 'مساحة العمل التي تستخدم مفتاحها الخاص للذكاء الاصطناعي تتعامل مع المزوّد بموجب عقد مباشر بينهما، ولا تحمل طلباتها إلا ذلك المفتاح.',
    },
    'assistant',
  ),
  planned(
    'helpdesk-9.3',
    {
      en: 'Embeddings are computed by the workspace’s chosen provider and stored in our database.',
      ar: 'يحسب التضمينات المزوّد الذي اختارته مساحة العمل، وتُخزَّن في قاعدة بياناتنا.',
    },
    'assistant',
  ),
  planned(
    'helpdesk-9.4',
    {
      en: 'AI stays off until a workspace opts in, and while it is off no request goes to an AI provider.',
      ar: 'يبقى الذكاء الاصطناعي معطّلًا إلى أن تختار مساحة العمل تفعيله، وما دام معطّلًا لا يُرسل أي طلب إلى مزوّد ذكاء اصطناعي.',
    },
    'assistant',
  ),
)
