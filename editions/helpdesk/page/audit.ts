import { audit as log, proven, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const audit = section(
  { en: 'Audit log', ar: 'سجل التدقيق' },
  proven(
    'helpdesk-5.0',
    {
      en: 'Every action that changes something in a workspace, of whatever kind, leaves exactly one entry in the audit log; the application can add entries but never alter or remove them.',
      ar: 'كل إجراء يغيّر شيئًا في مساحة العمل، أيًّا كان نوعه، يترك قيدًا واحدًا لا غير في سجل التدقيق، ويستطيع التطبيق إضافة القيود ولا يستطيع تعديلها أو حذفها أبدًا.',
    },
    log.entries,
    log.insertonly,
  ),
  proven(
    'helpdesk-5.1',
    {
      en: 'Each entry carries its time in UTC, to the second or finer.',
      ar: 'يحمل كل قيد وقته بالتوقيت العالمي المنسق (UTC)، بدقة الثانية أو أدق.',
    },
    log.entries,
  ),
  proven(
    'helpdesk-5.2',
    {
      en: 'Each entry says who acted: the id of the actor, the network address and the browser or program in use.',
      ar: 'يبيّن كل قيد من قام بالفعل: مُعرّفه، وعنوانه على الشبكة، والمتصفح أو البرنامج الذي استخدمه.',
    },
    log.entries,
  ),
  proven(
    'helpdesk-5.3',
    {
      en: 'Each entry says what was acted upon: the kind of record and its id.',
      ar: 'يبيّن كل قيد ما وقع عليه الفعل: نوع السجل ومُعرّفه.',
    },
    log.entries,
  ),
  proven(
    'helpdesk-5.4',
    {
      en: 'Each entry holds the change itself in structured form: which fields of which records, from what to what; of a secret only that it was there.',
      ar: 'يتضمن كل قيد التغيير نفسه في صيغة منظّمة: أي الحقول في أي السجلات، وما كانت عليه وما صارت إليه، أما الأسرار فلا يُذكر منها إلا أنها كانت هناك.',
    },
    log.changes,
  ),
  proven(
    'helpdesk-5.5',
    {
      en: 'Members whose role allows it can read, search and export the audit log of their own workspace, in the dashboard too; nobody else can, and each look is an entry itself.',
      ar: 'يستطيع الأعضاء الذين تسمح أدوارهم بذلك قراءة سجل التدقيق الخاص بمساحة عملهم والبحث فيه وتصديره، ومن لوحة التحكم أيضًا، ولا يستطيع ذلك غيرهم، وكل اطّلاع عليه قيد من قيوده.',
    },
    log.reading,
  ),
  proven(
    'helpdesk-5.6',
    {
      en: `Entries stay readable in full for ${policy.auditMonths} months, or longer where a workspace wants it; after that they are reduced to monthly totals, which are deleted ${policy.auditTotalMonths} months later.`,
      ar: `تبقى القيود متاحة بكامل تفاصيلها مدة ${policy.auditMonths} شهرًا، أو مدة أطول إن أرادت مساحة العمل ذلك، ثم تُختزل إلى أعداد شهرية تُحذف بعد ${policy.auditTotalMonths} شهرًا أخرى.`,
    },
    log.retention,
  ),
)
