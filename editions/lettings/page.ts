import { access, attested, audit, identity, page, partly, planned, proven, section, transport } from '#kernel/edition'
import { policy } from './policy.ts'

/** Said of this policy and of no other: under another one this does not compile. */
const PLAIN = { refuse: { en: 'plain HTTP is not accepted', ar: 'ولا يُقبل HTTP غير المشفّر' } }

const about = section(
  { en: 'About this page', ar: 'عن هذه الصفحة' },
  planned(
    'lettings-1.0',
    {
      en: 'This page tells which security measures are in place, and bears the date on which it last changed.',
      ar: 'تبيّن هذه الصفحة التدابير الأمنية المعمول بها، وتحمل تاريخ آخر تغيير طرأ عليها.',
    },
    'trust',
  ),
  planned(
    'lettings-1.1',
    {
      en: 'Six badges sum up the page: TLS, hashed passwords, JWT sessions, encryption at rest, audit log and role-based access. Each one follows the state of the checks behind it.',
      ar: 'تلخّص الصفحة ست شارات: TLS، وبصمات كلمات المرور، وجلسات JWT، والتشفير أثناء التخزين، وسجل التدقيق، والوصول بحسب الأدوار. وتتبع كل شارة حالة الفحوص التي تقف وراءها.',
    },
    'trust',
  ),
)

const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  proven(
    'lettings-2.1',
    {
      en: `Connections use TLS ${policy.tls} or newer; ${PLAIN[policy.plainHttp].en}.`,
      ar: `تعتمد الاتصالات TLS ${policy.tls} أو أحدث، ${PLAIN[policy.plainHttp].ar}.`,
    },
    transport.tls,
    transport.plain,
  ),
  planned(
    'lettings-2.2a',
    {
      en: 'The infrastructure encrypts the storage on which the database lies.',
      ar: 'تشفّر البنية التحتية وحدات التخزين التي تقوم عليها قاعدة البيانات.',
    },
    'vault',
  ),
  proven(
    'lettings-2.2b',
    {
      en: `Passwords are hashed with ${policy.passwordHash} at a cost of 10 or more; the password itself is never stored.`,
      ar: `تُحوَّل كلمات المرور إلى بصمات بدالة ${policy.passwordHash} وبمعامل كلفة لا يقل عن 10، ولا تُخزَّن كلمة المرور نفسها أبدًا.`,
    },
    identity.passwords,
  ),
)

const people = section(
  { en: 'Sign-in, roles and accountability', ar: 'تسجيل الدخول والأدوار والمساءلة' },
  proven(
    'lettings-3.1',
    {
      en: `Sessions use JSON Web Tokens that expire after ${policy.session.access_minutes} minutes and are renewed while the session lasts; one that is forged, altered or expired opens nothing.`,
      ar: `تستخدم الجلسات رموز JWT تنتهي صلاحيتها بعد ${policy.session.access_minutes} دقائق وتُجدَّد ما دامت الجلسة قائمة، والرمز المزوّر أو المعدَّل أو المنتهي لا يفتح شيئًا.`,
    },
    identity.tokens,
    identity.timeouts,
  ),
  proven(
    'lettings-3.2',
    {
      en: 'CEO, Secretary and Accountant can each do only what belongs to their function; the server decides this anew for every action.',
      ar: 'لا يستطيع كل من الرئيس التنفيذي والسكرتير والمحاسب إلا القيام بما يدخل في وظيفته، والخادم هو من يبتّ في ذلك عند كل إجراء.',
    },
    access.matrix,
  ),
  proven(
    'lettings-3.3',
    {
      en: 'Accounts are created by invitation only, through an e-mailed link that works once and for a limited time; the first person of a workspace gets such a link from whoever runs the service.',
      ar: 'لا تُنشأ الحسابات إلا بدعوة، عبر رابط يُرسل بالبريد الإلكتروني ويصلح مرة واحدة ولمدة محدودة، أما أول شخص في مساحة العمل فيتسلّم رابطًا مثله ممن يشغّل الخدمة.',
    },
    identity.invitations,
  ),
  proven(
    'lettings-3.4',
    {
      en: 'Administrative acts, on users, roles, keys and settings as on all else that a workspace holds, are recorded with their time and author in a log that reveals any tampering: its head is signed, and whoever kept one can check that the log only ever grew.',
      ar: 'تُقيَّد الأفعال الإدارية، سواء تعلّقت بالمستخدمين أو الأدوار أو المفاتيح أو الإعدادات أو أي شيء آخر في مساحة العمل، مع وقتها وفاعلها في سجل يكشف أي عبث به: فرأس السجل موقَّع، ومن احتفظ بواحد منها يستطيع أن يتحقق من أن السجل لم يتغيّر إلا بالزيادة.',
    },
    audit.entries,
    audit.sealed,
    audit.tamper,
    audit.complete,
  ),
)

const infrastructure = section(
  { en: 'Infrastructure', ar: 'البنية التحتية' },
  attested(
    'lettings-4.1',
    {
      en: 'A managed cloud carries the service; it installs security updates by itself and wards off floods of hostile traffic (DDoS).',
      ar: 'تعمل الخدمة على سحابة مُدارة تثبّت التحديثات الأمنية آليًّا وتصد هجمات حجب الخدمة الموزعة (DDoS).',
    },
    'managed-cloud',
  ),
  planned(
    'lettings-4.2',
    {
      en: 'Nothing but the application itself can open a connection to the database.',
      ar: 'لا يستطيع فتح اتصال بقاعدة البيانات إلا التطبيق نفسه.',
    },
    'hosting',
  ),
  planned(
    'lettings-4.3',
    {
      en: 'Passwords and keys of our systems come from a secrets manager; none of them stands in the source code.',
      ar: 'تأتي كلمات مرور أنظمتنا ومفاتيحها من نظام لإدارة الأسرار، ولا يوجد شيء منها في الشيفرة المصدرية.',
    },
    'hosting',
  ),
)

const safekeeping = section(
  { en: 'Documents, backups and monitoring', ar: 'المستندات والنسخ الاحتياطي والمراقبة' },
  planned(
    'lettings-5.1',
    {
      en: 'Files are private from the moment they are stored, and the right to open them is granted file by file.',
      ar: 'الملفات خاصة منذ لحظة تخزينها، ويُمنح حق فتحها لكل ملف على حدة.',
    },
    'files',
  ),
  planned(
    'lettings-5.2',
    {
      en: 'Backups are made automatically, and data can be restored to a chosen point in time.',
      ar: 'تُؤخذ النسخ الاحتياطية آليًّا، ويمكن استعادة البيانات إلى لحظة محددة.',
    },
    'backups',
  ),
  partly(
    'lettings-5.3',
    {
      en: 'Security events are logged and watched: whatever is unusual raises an alert within seconds, and the owners are written to.',
      ar: 'تُسجَّل الأحداث الأمنية وتُراقَب: فكل ما هو غير معتاد يُطلق تنبيهًا خلال ثوانٍ، ويُكتب بشأنه إلى المالكين.',
    },
    'alerts-are-answered',
    audit.watched,
  ),
)

const disclosure = section(
  { en: 'Reporting a vulnerability', ar: 'الإبلاغ عن الثغرات' },
  planned(
    'lettings-6.1',
    {
      en: 'Vulnerabilities can be reported to an address that this page names.',
      ar: 'يمكن الإبلاغ عن الثغرات على عنوان تذكره هذه الصفحة.',
    },
    'disclosure',
  ),
  attested(
    'lettings-6.2',
    {
      en: 'We ask those who report a flaw not to disclose it until we have had a fair time to fix it.',
      ar: 'نطلب ممن يبلّغ عن ثغرة ألا يفصح عنها قبل أن نُمنح وقتًا معقولًا لإصلاحها.',
    },
    'fair-disclosure',
  ),
  planned(
    'lettings-6.3',
    {
      en: 'We respond promptly to reports that prove true.',
      ar: 'نستجيب سريعًا للبلاغات التي تثبت صحتها.',
    },
    'disclosure',
  ),
)

const contact = section(
  { en: 'Contact', ar: 'التواصل' },
  planned(
    'lettings-7.1',
    {
      en: 'Questions about security can be sent to a contact address.',
      ar: 'يمكن إرسال الأسئلة المتعلقة بالأمان إلى عنوان مخصص للتواصل.',
    },
    'disclosure',
  ),
)

/** What a customer of the lettings edition may hold us to, in the order in which the page says it. */
export const lettingsPage = page(
  '2026-11-20',
  about,
  encryption,
  people,
  infrastructure,
  safekeeping,
  disclosure,
  contact,
)
