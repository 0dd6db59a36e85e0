"""Common first names in France, folded: they tell a person from another proper noun."""

# Authored for the project from general knowledge; it is no register of anyone.
FIRST_NAMES_TEXT = """
aaron abdallah abdel abdelkader abderrahmane abdoul abdoulaye achille adam adama adele adrien
agathe agnes agnieszka aicha aime aissatou alain alba alban albert alberte alexandra alexandre
alexis ali alice alicia alienor aline alphonse alphonsine amandine amaury ambre amelie amina
aminata amine anais anastasia anatole andre andree andrew angele angelique anh anissa anita anna
anne annick annie anselme anthony antoine antoinette antonin antonio apolline ariane arlette
armand armelle arnaud arthur aubin aude audrey auguste augustin aurelie aurelien awa axel ayden
aymeric aziz bakary baptiste barbara barnabe bastien beatrice benedicte benedikte benjamin
benoit berangere berenice bernadette bernard bertille bertrand bilal binta blanche blandine
boris boubacar brandon brice brigitte bruno camille capucine carine carla carlos carmen carole
caroline catherine cecile cedric celeste celia celine chantal charlene charles charline
charlotte cheikh chloe christelle christian christiane christine christophe cindy claire clara
clarisse claude claudette claudine clemence clement clementine clothilde clotilde colette coline
colombe come constance coralie corentin corentine corinne cyprien cyril cyrille damien daniel
daniele danielle david delphine denis denise diane didier diego dimitri dolores dominique
domitille dorothee dylan eden edith edmond edouard edwige elena eleonore eliane eliott elisa
elisabeth elise ella elliot elodie eloise elouan elsa emeline emile emilie emily emma emmanuel
emmanuela emmanuelle enguerrand enora enzo eric ernest ernestine erwan erwann esmeralda esteban
estelle esther ethan etienne eugene eugenie eulalie eva evan evangeline eve evelyne ewen fabien
fabienne fabrice fadila fanny farid farida fatima fatou faustin faustine felix ferdinand fernand
fernande ferreol fiona firmin flavie flavien flora florence florent florentin florian foulques
francesco francine francis franck francois francoise frantz frederic frederique fulbert gabin
gabriel gabrielle gael gaelle gaetan gaetane gaspard gaston gauthier genevieve george georges
georgette georgina gerald geraldine gerard germain germaine gerome geronimo ghislain ghislaine
gilbert gilberte gildas gilles ginette ginou giovanni gisele giulia gladys godefroy gontran
gonzague gonzalo goulven graziella gregoire gregory guenola guilhem guillaume gustave guy
gwenael gwenaelle gwendal gwendoline gwenola hakim hamza hans hassan helen helene heloise henri
henriette hermine herve hicham hilaire hilda hippolyte honore honorine hortense houria hubert
huberte hugo hugues huguette hussein ibrahim ibrahima ida ignace ilan ilona ilyes imran ines
ingrid irene irina iris isaac isabelle isaure isidora isidore ismael issa ivan ivana jackie
jacqueline jacques jade jamel james jamila jany jason jean jeanne jeannine jeannot jennifer
jeremie jeremy jerome jessica jessy jimmy joachim joanna joannie joao jocelyne joel joelle johan
johanna john johnny jolene jonathan jordan jordane jose joseph josephine josette joshua josiane
josselin judicael judith juliane julie julien julienne juliette justin justine kader kadiatou
karen karim karima karine karl katarzyna katia kelly kenny kevin khadidja khadija kilian killian
krzysztof kylian laetitia laetizia larbi latifa laura laure laurence laurent laurette lauriane
laurianne lazare lea leandre leandro leila lena lenaic lenny leo leon leonard leonardo leonce
leonie leontine leopold leopoldine leslie liam lilian liliana liliane lilou lina linda linh
lionel lisa lise loan loane loeiza loic loick lola lorene lorenzo loris louis louise louisette
louison loup luc lucas lucette lucia lucie lucien lucienne lucile ludivine ludmila ludmilla
ludovic ludwig luigi luka lydia lydiane lydie lylou maddalena madeleine mael maelle maelys maeva
magali magalie magdalena maia maiwenn malik malika malo mamadou manon manuel marc marceau marcel
marcelin marcelle marcelline marco margaux margot marguerita marguerite maria mariam mariama
marianne maribel marie marielle marilyn marilyne marine marion marisa marius marjorie marlene
marthe martial martin martine mary maryse maryvonne matheo mathias mathieu mathilde mathis
mathys matteo matthias matthieu maud maurice mauricette mauricio maxence maxime medard mehdi
melaine melanie melina melissa melodie melvin mia michael michel michele micheline michelle
mickael miguel mikael mila miloud minh mireille modou mohamed monique morgane mounir mourad
moussa muguette mylene myriam nabil nabila nadege nadia nadine nael naima nancy nassim natacha
natasha nathalie nathan nawel nello nelly nelson nestor nguyen nicolas nicole nils nina nino
ninon noa noe noel noelie noelle noemie noham nolan nolwenn nora norbert noureddine oceane
octave octavie odette odile oksana olga olivia olivier omar ondine ophelia ophelie orlando
orlane oscar oswald othilie ousmane pablo pamela paolo pascal pascale patrice patricia patricio
patrick paul paule paulette pauline pawel pedro perrine peter petra philibert philippe philomene
pierre pierrette pilar piotr priscilla priscille prosper quentin rachel rachid raffaella raissa
ramon raoul raphael raphaelle rayan raymond raymonde rebecca reda regina regine regis remi remy
renald renaud rene renee richard robert roberte robin roch rodolphe rodrigue roger roland
rolande romain romane romeo romuald romy ronald ronan rosalia rosalie rose roseline rosemonde
rosine roxane rozenn ruben rudy ryan sabine sabrina sabrine sacha said salah salima salome
salvatore samantha samia samir samson samuel samy sandra sandrine sara sarah sebastian sebastien
selena selma serena serge sergio severine seydou sharon sidonie sigolene simon simone sixtine
slimane sofia sofiane soizic solange solene solenne sonia sophie sosthene stan stanislas
stephane stephanie stephen steven sully susan suzanne suzette suzy svetlana sybille sylvain
sylvaine sylvestre sylvette sylviane sylvie tamara tancrede tangi tanguy tania tarik tatiana
teddy terence thais theo theobald theodora theodore theophile therese thibaud thibault thibaut
thierry thomas tifenn timeo timothe timothee tiphaine titouan tom tonio tony toufik tristan ugo
ulysse urbain ursula valentin valentine valere valeria valerie valery vanessa vanina veronique
vianney vickie victoire victor victoria vincent vincente violette virginie viviane vladimir
walid wandrille wassim wei wilfrid wilfried william willy winnie xavier xaviere yacine yael
yanis yann yannick yasmine yazid yoann yohan yohann yolande youcef younes youssef ysee yseult
yvan yves yvette yvon yvonne zacharie zahra zelie zephyrin zineb zoe zohra zoubida zuzanna
"""
FIRST_NAMES = frozenset(FIRST_NAMES_TEXT.split())
